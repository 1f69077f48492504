-- SPDX-License-Identifier: MIT
-- Applies a list of changes to one queue, atomically. What a job's change means is decided in
-- job_transitions.cpp; this script keeps jobs and indexes in step, refuses a change to a job that
-- another coordinator has changed meanwhile, and chooses who is next (turn_order.hpp).
--
-- KEYS[1] is the prefix of all keys, with a hash tag: every key lies in one slot of a cluster.
--   P:jobs        hash    id -> version (4 bytes), status (1), records, 0, job (job_codec.hpp)
--   P:all         ids     every job            P:failed  ids  the dead letters
--   P:line:LTU    ids     what waits in lane L, of type T, for user U
--   P:turns:T     zset    lines (LTU) of a type, by position in turn
--   P:heads       zset    lines by the age of their first job
--   P:due         zset    id LTU by due time
--   P:leases      zset    id and version (4 bytes) of what is under lease, by end of lease
--   P:claims      hash    id -> record of a claim, until the job is written again
--   P:done:S      zset    final jobs of status S by end
--   P:flight:B, P:key:B   hash   digest -> id: conversions in flight, idempotency keys; in many
--                 small buckets, which Redis keeps as listpacks
--   P:counts      hash    P:paused  set of types
--   P:reaper      name of the coordinator that looks after the queue, for a term
-- Channel P:wake: the caller's name, where there is work; the name and an id, where a job was
-- cancelled that somebody works on.
-- "ids" is an ordered set in pages of at most 120, so that each is a listpack of 20 bytes an id
-- where a plain sorted set takes 130: the first page is the key itself, P:x# names the others.
--
-- The body of a job is opaque here. Where the script itself changes a job it leaves a record, which
-- the next reader replays: 'D' time (has become due) in front of the body, 'C' time, lease, worker,
-- owner (was claimed) in P:claims. Bodies are long, and each that passes through Lua is hashed there
-- byte by byte: what is done for every job (claiming it, writing it under lease) reads none.
--
-- ARGV: now ('' for the server's clock), name of the caller, then changes: a letter and its
-- arguments. Answers: now, counts, next due time, one answer per change.

local P = KEYS[1]
local PAGE, MOST, EPOCH, STEP, PROMOTED = 120, 1000, 1700000000000, 300000, 1000000
local COUNTS = {
  'pending', 'scheduled', 'processing', 'completed', 'failed', 'cancelled', 'accepted', 'job_time',
  'last_finished', 'stale', 'ambiguous', 'repaired'
}
local PENDING, SCHEDULED, PROCESSING, FAILED, CANCELLED = 0, 1, 2, 4, 5
local call = redis.call
local JOBS, CLAIMS, LEASES, COUNT = P .. ':jobs', P .. ':claims', P .. ':leases', P .. ':counts'
local WAKE, REAPER = P .. ':wake', P .. ':reaper'

local function server_time()
  local t = call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local now = tonumber(ARGV[1]) or server_time()
local deltas, last_position, has_news = {}, nil, false

-- A call costs more than most of what it does: what takes many members is called once for all.
local function call_many(command, key, members)
  for first = 1, #members, MOST do
    call(command, key, unpack(members, first, math.min(first + MOST - 1, #members)))
  end
end

local function answer_many(command, key, members)
  local values = {}
  for first = 1, #members, MOST do
    local part = call(command, key, unpack(members, first, math.min(first + MOST - 1, #members)))
    for i = 1, #part do values[first + i - 1] = part[i] end
  end
  return values
end

local function push_pair(list, a, b)
  local size = #list
  list[size + 1], list[size + 2] = a, b
end

local function count(name, by)
  deltas[name] = (deltas[name] or 0) + by
end

local function count_status(status, by)
  count(COUNTS[status + 1], by)
end

-- Ordered sets of ids.

local function page_of(set, id)
  local page = call('ZREVRANGEBYLEX', set .. '#', '[' .. id, '-', 'LIMIT', 0, 1)[1]
  return page and set .. ':' .. page or set, page
end

local function split(set, key)
  local upper = call('ZRANGE', key, PAGE / 2, -1)
  call('ZADD', set .. '#', 0, upper[1])
  for _, id in ipairs(upper) do call('ZADD', set .. ':' .. upper[1], 0, id) end
  call('ZREMRANGEBYRANK', key, PAGE / 2, -1)
end

-- In the order of bytes. Lua's own '<' follows the locale that the server runs under.
local function is_before(id, other)
  for i = 1, #id do
    local a, b = string.byte(id, i), string.byte(other, i)
    if a ~= b then return a < b end
  end
  return false
end

-- The last page of each set that was added to: new ids, which are the greatest, go there.
local tails = {}

local function tail_for(set, id)
  local tail = tails[set]
  if not tail then
    local page = call('ZRANGE', set .. '#', -1, -1)[1]
    local key = page and set .. ':' .. page or set
    tail = {page = page, key = key, size = call('ZCARD', key)}
    tails[set] = tail
  end
  local is_of_page = not tail.page or not is_before(id, tail.page)
  return is_of_page and tail.size < PAGE and tail or nil
end

local function ids_add(set, id)
  local tail = tail_for(set, id)
  if tail then
    tail.size = tail.size + call('ZADD', tail.key, 0, id)
    return
  end
  tails[set] = nil
  local key = page_of(set, id)
  if call('ZCARD', key) >= PAGE then
    if call('ZLEXCOUNT', key, '(' .. id, '+') == 0 then
      call('ZADD', set .. '#', 0, id)
    else
      split(set, key)
    end
    key = page_of(set, id)
  end
  call('ZADD', key, 0, id)
end

local function drop_empty_page(set, key, page)
  if page and call('EXISTS', key) == 0 then call('ZREM', set .. '#', page) end
  tails[set] = nil
end

local function ids_remove(set, id)
  local key, page = page_of(set, id)
  local removed = call('ZREM', key, id)
  drop_empty_page(set, key, page)
  return removed
end

-- Up to `limit` ids from the front, all of one page; the page's key, and its name where it has one.
local function ids_front(set, limit)
  local found = call('ZRANGE', set, 0, limit - 1)
  if #found > 0 then return found, set end
  local page = call('ZRANGE', set .. '#', 0, 0)[1]
  if not page then return found, set end
  local key = set .. ':' .. page
  return call('ZRANGE', key, 0, limit - 1), key, page
end

local function ids_first(set)
  return (ids_front(set, 1))[1]
end

-- Up to `limit` ids below `before` ('' for all), greatest first.
local function ids_below(set, before, limit)
  local found = {}
  local page
  if before == '' then
    page = call('ZREVRANGE', set .. '#', 0, 0)[1]
  else
    page = call('ZREVRANGEBYLEX', set .. '#', '(' .. before, '-', 'LIMIT', 0, 1)[1]
  end
  local from = before == '' and '+' or '(' .. before
  while true do
    local key = page and set .. ':' .. page or set
    for _, id in ipairs(call('ZREVRANGEBYLEX', key, from, '-', 'LIMIT', 0, limit - #found)) do
      found[#found + 1] = id
    end
    if not page or #found >= limit then return found end
    page = call('ZREVRANGEBYLEX', set .. '#', '(' .. page, '-', 'LIMIT', 0, 1)[1]
  end
end

-- Lines and turns.

local function age_of(id)
  local age = 0
  for i = 1, 6 do age = age * 256 + string.byte(id, i) end
  return age
end

-- In 4096ths of a millisecond, and each later than the one before: turns within one millisecond
-- keep their order.
local function position_at_end(line)
  last_position = last_position or tonumber(call('HGET', COUNT, 'position') or 0)
  last_position = math.max((now - EPOCH) * 4096, last_position + 1)
  local lane = string.byte(line, 1)
  return last_position - (lane == 255 and PROMOTED or lane) * STEP * 4096
end

local function score(position)
  return string.format('%.0f', position)
end

local function turns_of(line)
  return P .. ':turns:' .. string.byte(line, 2)
end

-- The first id of each line that is known to be among the turns.
local firsts = {}

local function join(line, id)
  local set = P .. ':line:' .. line
  ids_add(set, id)
  has_news = true
  local first = firsts[line]
  if first and is_before(first, id) then return end
  if not first and not call('ZSCORE', turns_of(line), line) then
    call('ZADD', turns_of(line), score(position_at_end(line)), line)
  end
  firsts[line] = ids_first(set)
  if firsts[line] == id then call('ZADD', P .. ':heads', age_of(id), line) end
end

local function leave(line, id)
  local set = P .. ':line:' .. line
  local removed = ids_remove(set, id)
  local first = ids_first(set)
  firsts[line] = first
  if first then
    call('ZADD', P .. ':heads', age_of(first), line)
  else
    call('ZREM', turns_of(line), line)
    call('ZREM', P .. ':heads', line)
  end
  return removed
end

-- Jobs.

local function version_of(value)
  return struct.unpack('<I4', value)
end

local function next_version(value)
  return (version_of(value) + 1) % 4294967296
end

local function add_record(value, status, record)
  return struct.pack('<I4B', next_version(value), status) .. record .. string.sub(value, 6)
end

-- The job's value with all records; false where there is no such job.
local function read(id)
  local value = call('HGET', JOBS, id)
  local claim = value and call('HGET', CLAIMS, id)
  return claim and add_record(value, PROCESSING, claim) or value
end

local function lease_of(id, version)
  return id .. struct.pack('<I4', version)
end

local function bucket_of(kind, digest)
  return P .. kind .. string.sub(digest, 1, 2)
end

local function remember(kind, digest, id)
  call('HSET', bucket_of(kind, digest), string.sub(digest, 3), id)
end

local function recall(kind, digest)
  if digest == '' then return nil end
  return call('HGET', bucket_of(kind, digest), string.sub(digest, 3))
end

local function forget(kind, digest, id)
  if digest ~= '' and recall(kind, digest) == id then
    call('HDEL', bucket_of(kind, digest), string.sub(digest, 3))
  end
end

-- Jobs under lease are unlinked, and linked, many at a time: see below.
local function unlink(id, status, line)
  if status == PENDING then
    return leave(line, id)
  elseif status == SCHEDULED then
    return call('ZREM', P .. ':due', id .. line)
  end
  if status == FAILED then ids_remove(P .. ':failed', id) end
  return call('ZREM', P .. ':done:' .. status, id)
end

local function link(id, status, line, at)
  if status == PENDING then
    join(line, id)
  elseif status == SCHEDULED then
    call('ZADD', P .. ':due', at, id .. line)
  else
    call('ZADD', P .. ':done:' .. status, at, id)
    if status == FAILED then ids_add(P .. ':failed', id) end
  end
end

local function make_jobs_due()
  for _, member in ipairs(call('ZRANGEBYSCORE', P .. ':due', '-inf', now, 'LIMIT', 0, MOST)) do
    local id, line = string.sub(member, 1, 16), string.sub(member, 17)
    call('ZREM', P .. ':due', member)
    local value = call('HGET', JOBS, id)
    if value then
      call('HSET', JOBS, id, add_record(value, PENDING, 'D' .. struct.pack('<I8', now)))
      join(line, id)
      count('scheduled', -1)
      count('pending', 1)
    else
      count('repaired', 1)
    end
  end
end

-- What a claim takes from a line: ids are read some at a time, and removed together.
local function remove_taken(taken)
  if taken.next == 1 then return end
  call_many('ZREM', taken.key, {unpack(taken.ids, 1, taken.next - 1)})
  drop_empty_page(taken.set, taken.key, taken.page)
  taken.ids, taken.next = {unpack(taken.ids, taken.next)}, 1
end

local function first_of(taken, limit)
  if taken.next > #taken.ids then
    remove_taken(taken)
    taken.ids, taken.key, taken.page = ids_front(taken.set, limit)
  end
  return taken.ids[taken.next]
end

-- The lines whose turn is next, `limit` of each type at most, in order; and whether these are all.
local function next_turns(paused, limit)
  local turns, are_all = {}, true
  for type = 0, 1 do
    local found = paused[tostring(type)] and {} or call('ZRANGE', P .. ':turns:' .. type, 0, limit - 1, 'WITHSCORES')
    for i = 1, #found, 2 do
      turns[#turns + 1] = {line = found[i], position = tonumber(found[i + 1]), rank = #turns}
    end
    are_all = are_all and #found < 2 * limit
  end
  table.sort(turns, function(a, b)
    return a.position < b.position or (a.position == b.position and a.rank < b.rank)
  end)
  return turns, are_all
end

local function write_turns(touched)
  local heads, left = {}, {}
  local turns = {[0] = {}, [1] = {}}
  for line, taken in pairs(touched) do
    remove_taken(taken)
    local first = first_of(taken, 1)
    firsts[line] = first
    if first then
      push_pair(heads, age_of(first), line)
      push_pair(turns[string.byte(line, 2)], score(taken.position), line)
    else
      call('ZREM', turns_of(line), line)
      left[#left + 1] = line
    end
  end
  call_many('ZREM', P .. ':heads', left)
  call_many('ZADD', P .. ':heads', heads)
  for type = 0, 1 do call_many('ZADD', P .. ':turns:' .. type, turns[type]) end
end

-- Takes up to `wanted` ids out of their lines, a line after the other; a line that has more stands
-- at the end then. Nothing where nothing waits.
local function take_turns(paused, wanted)
  local turns, are_all = next_turns(paused, wanted)
  if #turns == 0 then return nil end
  local share = math.ceil(wanted / #turns) + 1
  local ids, touched = {}, {}
  local i = 1
  while turns[i] and #ids < wanted do
    local line = turns[i].line
    local taken = touched[line] or {set = P .. ':line:' .. line, ids = {}, next = 1}
    touched[line] = taken
    local id = first_of(taken, share)
    if id then
      ids[#ids + 1] = id
      taken.next = taken.next + 1
      if first_of(taken, share) then
        taken.position = position_at_end(line)
        local place = #turns + 1
        while place > i + 1 and taken.position < turns[place - 1].position do place = place - 1 end
        -- Behind the last that was read there may be others before it.
        if place <= #turns or are_all then
          table.insert(turns, place, {line = line, position = taken.position})
        end
      end
    else
      count('repaired', 1)
    end
    i = i + 1
  end
  write_turns(touched)
  return ids
end

local stored_waiting

local function waiting()
  if not stored_waiting then
    local stored = call('HMGET', COUNT, 'pending', 'scheduled')
    stored_waiting = (stored[1] or 0) + (stored[2] or 0)
  end
  return stored_waiting + (deltas.pending or 0) + (deltas.scheduled or 0)
end

-- Each takes its arguments by next() and returns the answer.
local position = 2
local function next_arg()
  position = position + 1
  return ARGV[position]
end

local OK = {'ok'}
local changes = {}

-- Enqueue: id, value, status, line, at, digests of key and conversion, bound.
function changes.E()
  local id, value, status, line, at = next_arg(), next_arg(), tonumber(next_arg()), next_arg(), next_arg()
  local key, flight, bound = next_arg(), next_arg(), tonumber(next_arg())
  local earlier = call('HEXISTS', JOBS, id) == 1 and id or recall(':key:', key) or recall(':flight:', flight)
  local known = earlier and read(earlier)
  if known then return {'existing', known} end
  if bound > 0 then
    local waits = waiting()
    if waits >= bound then return {'full', waits} end
  end
  call('HSET', JOBS, id, value)
  ids_add(P .. ':all', id)
  link(id, status, line, at)
  if key ~= '' then remember(':key:', key, id) end
  if flight ~= '' then remember(':flight:', flight, id) end
  count('accepted', 1)
  count_status(status, 1)
  return OK
end

-- Update: see UPDATE. Updates are gathered, and made together before the next other change: no two
-- of a script are of one job.
local UPDATE = {
  id = 1, version = 2, value = 3, before = 4, line_before = 5, after = 6, line_after = 7, at = 8,
  flight = 9, job_time = 10, finished = 11, ambiguous = 12, size = 12
}
local answers, updates = {}, {}

local function text_of(update, field)
  return ARGV[update + UPDATE[field]]
end

local function number_of(update, field)
  return tonumber(ARGV[update + UPDATE[field]])
end

function changes.U()
  updates[#updates + 1] = {position, #answers + 1}
  position = position + UPDATE.size
  return OK
end

-- Takes or gives up the place among the conversions in flight; false where another has it.
local function change_flight(update)
  local flight = text_of(update, 'flight')
  local was_final, is_final = number_of(update, 'before') > PROCESSING, number_of(update, 'after') > PROCESSING
  if flight == '' or was_final == is_final then return true end
  if is_final then
    -- It is this job's: no other with that conversion was let in.
    call('HDEL', bucket_of(':flight:', flight), string.sub(flight, 3))
    return true
  end
  local other = recall(':flight:', flight)
  if other and call('HEXISTS', JOBS, other) == 1 then return false end
  remember(':flight:', flight, text_of(update, 'id'))
  return true
end

-- Whether each of these jobs is of the version that its update was decided on.
local function are_current()
  local leases, ids, current = {}, {}, {}
  for _, gathered in ipairs(updates) do
    local update = gathered[1]
    local id = text_of(update, 'id')
    if number_of(update, 'before') == PROCESSING then
      leases[#leases + 1] = lease_of(id, number_of(update, 'version'))
    else
      ids[#ids + 1] = id
    end
  end
  local ends = answer_many('ZMSCORE', LEASES, leases)
  local values, claims = answer_many('HMGET', JOBS, ids), answer_many('HMGET', CLAIMS, ids)
  local lease, id = 0, 0
  for i, gathered in ipairs(updates) do
    if number_of(gathered[1], 'before') == PROCESSING then
      lease = lease + 1
      current[i] = ends[lease]
    else
      id = id + 1
      current[i] = values[id] and not claims[id] and version_of(values[id]) == number_of(gathered[1], 'version')
    end
  end
  return current
end

-- The updates that may be made; the others are answered.
local function check_updates()
  local good = {}
  local current = are_current()
  for i, gathered in ipairs(updates) do
    local update, answer = gathered[1], gathered[2]
    if not current[i] then
      answers[answer] = {'stale'}
    elseif not change_flight(update) then
      answers[answer] = {'in flight'}
    else
      good[#good + 1] = update
    end
  end
  return good
end

local function note_end(finished)
  if finished > tonumber(call('HGET', COUNT, 'last_finished') or 0) then
    call('HSET', COUNT, 'last_finished', finished)
  end
end

local function is_moved(update)
  return text_of(update, 'before') ~= text_of(update, 'after')
    or text_of(update, 'line_before') ~= text_of(update, 'line_after')
end

-- The first write of a script may be refused for want of memory, later ones never: removing
-- something first lets running jobs end in a full server.
local function unlink_all(good)
  local leases, ids = {}, {}
  for _, update in ipairs(good) do
    local before, id = number_of(update, 'before'), text_of(update, 'id')
    if before == PROCESSING then
      leases[#leases + 1] = lease_of(id, number_of(update, 'version'))
      ids[#ids + 1] = id
    elseif is_moved(update) then
      unlink(id, before, text_of(update, 'line_before'))
    end
  end
  call_many('ZREM', LEASES, leases)
  call_many('HDEL', CLAIMS, ids)
end

local function link_all(good)
  local leases, ends = {}, {}
  for _, update in ipairs(good) do
    local after, id, at = number_of(update, 'after'), text_of(update, 'id'), text_of(update, 'at')
    if after == PROCESSING then
      push_pair(leases, at, lease_of(id, version_of(text_of(update, 'value'))))
    elseif is_moved(update) and after > PROCESSING then
      ends[after] = ends[after] or {}
      push_pair(ends[after], at, id)
      if after == FAILED then ids_add(P .. ':failed', id) end
    elseif is_moved(update) then
      link(id, after, text_of(update, 'line_after'), at)
    end
  end
  call_many('ZADD', LEASES, leases)
  for status, members in pairs(ends) do call_many('ZADD', P .. ':done:' .. status, members) end
end

local function make_updates()
  local good = check_updates()
  updates = {}
  unlink_all(good)
  link_all(good)
  local values, last = {}, 0
  for i, update in ipairs(good) do
    values[2 * i - 1], values[2 * i] = text_of(update, 'id'), text_of(update, 'value')
    local before, after = number_of(update, 'before'), number_of(update, 'after')
    if before == PROCESSING and after == CANCELLED then
      call('PUBLISH', WAKE, ARGV[2] .. text_of(update, 'id'))
    end
    if before ~= after then
      count_status(before, -1)
      count_status(after, 1)
      count('job_time', number_of(update, 'job_time'))
      count('ambiguous', number_of(update, 'ambiguous'))
      if before <= PROCESSING and after > PROCESSING then
        last = math.max(last, number_of(update, 'finished'))
      end
    end
  end
  call_many('HSET', JOBS, values)
  if last > 0 then note_end(last) end
end

-- Remove a final job: id, version, status, digest of the key.
function changes.X()
  local id, version, status, key = next_arg(), tonumber(next_arg()), tonumber(next_arg()), next_arg()
  local known = call('HGET', JOBS, id)
  if not known or version_of(known) ~= version then return {'stale'} end
  unlink(id, status, '')
  call('HDEL', JOBS, id)
  ids_remove(P .. ':all', id)
  forget(':key:', key, id)
  count_status(status, -1)
  return OK
end

-- Claim: lease, owner, number of workers, workers, number of types to leave out, types. Answers with
-- the time of the claim and the jobs as they were before.
function changes.C()
  local lease, owner, wanted = tonumber(next_arg()), next_arg(), tonumber(next_arg())
  local workers = {}
  for i = 1, wanted do workers[i] = next_arg() end
  make_jobs_due()
  local paused = {}
  for _, type in ipairs(call('SMEMBERS', P .. ':paused')) do paused[type] = true end
  for _ = 1, tonumber(next_arg()) do paused[next_arg()] = true end
  local given, claims, leases = {tostring(now)}, {}, {}
  while #given <= wanted do
    local ids = take_turns(paused, wanted + 1 - #given)
    if not ids then break end
    for i, value in ipairs(answer_many('HMGET', JOBS, ids)) do
      if value then
        local worker = workers[#given]
        local record = 'C' .. struct.pack('<I8I8I2', now, lease, #worker) .. worker
        push_pair(claims, ids[i], record .. struct.pack('<I2', #owner) .. owner)
        push_pair(leases, now + lease, lease_of(ids[i], next_version(value)))
        given[#given + 1] = value
        count('processing', 1)
        count('pending', -1)
      else
        count('repaired', 1)
      end
    end
  end
  call_many('HSET', CLAIMS, claims)
  call_many('ZADD', LEASES, leases)
  return given
end

-- Whether the caller looks after the queue: who does so goes on, and a free place is taken. A server
-- without memory cannot note that; then all look after it, which costs no more than time.
local function is_reaper(term)
  local holder = call('GET', REAPER)
  if holder == ARGV[2] then
    call('PEXPIRE', REAPER, term)
  elseif not holder then
    redis.pcall('SET', REAPER, ARGV[2], 'PX', term)
  end
  return not holder or holder == ARGV[2]
end

-- Look after the queue: term.
function changes.R()
  return {is_reaper(next_arg()) and 1 or 0}
end

-- Look after it no longer.
function changes.Q()
  if call('GET', REAPER) == ARGV[2] then call('DEL', REAPER) end
  return OK
end

-- Find leases that have run out: term.
function changes.F()
  if not is_reaper(next_arg()) then return {} end
  local found = {}
  for i, lease in ipairs(call('ZRANGEBYSCORE', LEASES, '-inf', now, 'LIMIT', 0, MOST)) do
    found[i] = read(string.sub(lease, 1, 16))
  end
  return found
end

-- Pause: type, 1 or 0.
function changes.P()
  local type, is_paused = next_arg(), next_arg()
  call(is_paused == '1' and 'SADD' or 'SREM', P .. ':paused', type)
  if is_paused == '0' then has_news = true end
  return OK
end

-- A stale report.
function changes.N()
  count('stale', 1)
  return OK
end

-- Check that a job is where its status says: id, version, status, line, at.
function changes.K()
  local id, version, status, line, at = next_arg(), tonumber(next_arg()), tonumber(next_arg()), next_arg(), next_arg()
  local known = read(id)
  if not known or version_of(known) ~= version then return {'stale'} end
  local is_there
  if status == PENDING then
    is_there = call('ZSCORE', (page_of(P .. ':line:' .. line, id)), id) and call('ZSCORE', turns_of(line), line)
  elseif status == SCHEDULED then
    is_there = call('ZSCORE', P .. ':due', id .. line)
  elseif status == PROCESSING then
    is_there = call('ZSCORE', LEASES, lease_of(id, version))
  else
    is_there = call('ZSCORE', P .. ':done:' .. status, id)
  end
  if not is_there then
    if status == PROCESSING then
      call('ZADD', LEASES, at, lease_of(id, version))
    else
      link(id, status, line, at)
    end
    count('repaired', 1)
  end
  return OK
end

-- List: set, id to begin below, how many. Ids and values in turn.
function changes.L()
  local set, before, limit = next_arg(), next_arg(), tonumber(next_arg())
  local found = {}
  for _, id in ipairs(ids_below(P .. set, before, limit)) do
    push_pair(found, id, read(id))
  end
  return found
end

-- Final jobs of a status that ended by then: status, time, how many.
function changes.O()
  local status, by, limit = next_arg(), next_arg(), next_arg()
  local ids = call('ZRANGEBYSCORE', P .. ':done:' .. status, '-inf', by, 'LIMIT', 0, limit)
  local found = {}
  for i, id in ipairs(ids) do found[i] = call('HGET', JOBS, id) end
  return found
end

-- What waits: the oldest job, paused types.
function changes.W()
  local line = call('ZRANGE', P .. ':heads', 0, 0)[1]
  local id = line and ids_first(P .. ':line:' .. line)
  return {id and call('HGET', JOBS, id) or false, call('SMEMBERS', P .. ':paused')}
end

while position < #ARGV do
  local letter = next_arg()
  if letter ~= 'U' and #updates > 0 then make_updates() end
  answers[#answers + 1] = changes[letter]()
end
if #updates > 0 then make_updates() end
make_jobs_due()

for name, by in pairs(deltas) do
  if by ~= 0 then call('HINCRBY', COUNT, name, by) end
end
if last_position then call('HSET', COUNT, 'position', string.format('%.0f', last_position)) end
if has_news then call('PUBLISH', WAKE, ARGV[2]) end
local due = call('ZRANGE', P .. ':due', 0, 0, 'WITHSCORES')
return {tostring(now), call('HMGET', COUNT, unpack(COUNTS)), due[2] or '', answers}
