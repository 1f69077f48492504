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
--   P:due         zset    id LTU by due time   P:leases  zset id by end of lease
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
-- The body of a job is opaque here. Where the script itself changes a job it puts a record in front
-- of the body, which the next reader replays: 'D' time (has become due), 'C' time, lease, worker,
-- owner (was claimed).
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
local JOBS, COUNT, WAKE, REAPER = P .. ':jobs', P .. ':counts', P .. ':wake', P .. ':reaper'

local function server_time()
  local t = call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local now = tonumber(ARGV[1]) or server_time()
local deltas, last_position, has_news = {}, nil, false

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

local function ids_add(set, id)
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

local function ids_remove(set, id)
  local key, page = page_of(set, id)
  local removed = call('ZREM', key, id)
  if page and call('EXISTS', key) == 0 then call('ZREM', set .. '#', page) end
  return removed
end

local function ids_first(set)
  local first = call('ZRANGE', set, 0, 0)[1]
  if first then return first end
  local page = call('ZRANGE', set .. '#', 0, 0)[1]
  return page and call('ZRANGE', set .. ':' .. page, 0, 0)[1]
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
  return string.format('%.0f', last_position - (lane == 255 and PROMOTED or lane) * STEP * 4096)
end

local function turns_of(line)
  return P .. ':turns:' .. string.byte(line, 2)
end

local function join(line, id)
  local set = P .. ':line:' .. line
  ids_add(set, id)
  if not call('ZSCORE', turns_of(line), line) then
    call('ZADD', turns_of(line), position_at_end(line), line)
  end
  if ids_first(set) == id then call('ZADD', P .. ':heads', age_of(id), line) end
  has_news = true
end

local function leave(line, id)
  local set = P .. ':line:' .. line
  local removed = ids_remove(set, id)
  local first = ids_first(set)
  if first then
    call('ZADD', P .. ':heads', age_of(first), line)
  else
    call('ZREM', turns_of(line), line)
    call('ZREM', P .. ':heads', line)
  end
  return removed, first ~= nil and first ~= false
end

-- Jobs.

local function version_of(value)
  return struct.unpack('<I4', value)
end

local function add_record(value, status, record)
  local version = (version_of(value) + 1) % 4294967296
  return struct.pack('<I4B', version, status) .. record .. string.sub(value, 6)
end

local function remember(kind, digest, id)
  call('HSET', P .. kind .. string.sub(digest, 1, 2), string.sub(digest, 3), id)
end

local function recall(kind, digest)
  if digest == '' then return nil end
  return call('HGET', P .. kind .. string.sub(digest, 1, 2), string.sub(digest, 3))
end

local function forget(kind, digest, id)
  if digest ~= '' and recall(kind, digest) == id then
    call('HDEL', P .. kind .. string.sub(digest, 1, 2), string.sub(digest, 3))
  end
end

local function unlink(id, status, line)
  if status == PENDING then
    return (leave(line, id))
  elseif status == SCHEDULED then
    return call('ZREM', P .. ':due', id .. line)
  elseif status == PROCESSING then
    return call('ZREM', P .. ':leases', id)
  end
  if status == FAILED then ids_remove(P .. ':failed', id) end
  return call('ZREM', P .. ':done:' .. status, id)
end

local function link(id, status, line, at)
  if status == PENDING then
    join(line, id)
  elseif status == SCHEDULED then
    call('ZADD', P .. ':due', at, id .. line)
  elseif status == PROCESSING then
    call('ZADD', P .. ':leases', at, id)
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

local function next_line(paused)
  local best, best_position
  for type = 0, 1 do
    if not paused[tostring(type)] then
      local head = call('ZRANGE', P .. ':turns:' .. type, 0, 0, 'WITHSCORES')
      local position = tonumber(head[2])
      if position and (not best or position < best_position) then
        best, best_position = head[1], position
      end
    end
  end
  return best
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

local changes = {}

-- Enqueue: id, value, status, line, at, digests of key and conversion, bound.
function changes.E()
  local id, value, status, line, at = next_arg(), next_arg(), tonumber(next_arg()), next_arg(), next_arg()
  local key, flight, bound = next_arg(), next_arg(), tonumber(next_arg())
  local earlier = call('HEXISTS', JOBS, id) == 1 and id or recall(':key:', key) or recall(':flight:', flight)
  local known = earlier and call('HGET', JOBS, earlier)
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
  return {'ok'}
end

-- Update: id, version, value, status and line before, status and line after, at, digest of the
-- conversion, job time, end, ambiguous calls.
function changes.U()
  local id, version, value = next_arg(), tonumber(next_arg()), next_arg()
  local before, line_before = tonumber(next_arg()), next_arg()
  local after, line_after = tonumber(next_arg()), next_arg()
  local at, flight = next_arg(), next_arg()
  local job_time, finished, ambiguous = tonumber(next_arg()), tonumber(next_arg()), tonumber(next_arg())
  local known = call('HGET', JOBS, id)
  if not known or version_of(known) ~= version then return {'stale'} end
  local was_final, is_final = before > PROCESSING, after > PROCESSING
  if was_final and not is_final and flight ~= '' then
    local other = recall(':flight:', flight)
    if other and call('HEXISTS', JOBS, other) == 1 then return {'in flight'} end
    remember(':flight:', flight, id)
  end
  -- The first write of a script may be refused for want of memory, later ones never: removing
  -- something first lets running jobs end in a full server.
  if before ~= after or line_before ~= line_after then
    unlink(id, before, line_before)
    link(id, after, line_after, at)
  elseif after == PROCESSING then
    call('ZREM', P .. ':leases', id)
    call('ZADD', P .. ':leases', at, id)
  end
  call('HSET', JOBS, id, value)
  if before == PROCESSING and after == CANCELLED then call('PUBLISH', WAKE, ARGV[2] .. id) end
  if before ~= after then
    count_status(before, -1)
    count_status(after, 1)
    count('job_time', job_time)
    count('ambiguous', ambiguous)
    if is_final and not was_final then
      forget(':flight:', flight, id)
      if finished > tonumber(call('HGET', COUNT, 'last_finished') or 0) then
        call('HSET', COUNT, 'last_finished', finished)
      end
    end
  end
  return {'ok'}
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
  return {'ok'}
end

-- Claim: lease, owner, number of workers, workers, number of types to leave out, types.
function changes.C()
  local lease, owner, wanted = tonumber(next_arg()), next_arg(), tonumber(next_arg())
  local workers = {}
  for i = 1, wanted do workers[i] = next_arg() end
  make_jobs_due()
  local paused = {}
  for _, type in ipairs(call('SMEMBERS', P .. ':paused')) do paused[type] = true end
  for _ = 1, tonumber(next_arg()) do paused[next_arg()] = true end
  local given = {}
  while #given < wanted do
    local line = next_line(paused)
    if not line then break end
    local id = ids_first(P .. ':line:' .. line)
    local has_more = false
    if id then
      local _, more = leave(line, id)
      has_more = more
    else
      call('ZREM', turns_of(line), line)
    end
    local value = id and call('HGET', JOBS, id)
    if value then
      local worker = workers[#given + 1]
      local record = 'C' .. struct.pack('<I8I8I2', now, lease, #worker) .. worker
      value = add_record(value, PROCESSING, record .. struct.pack('<I2', #owner) .. owner)
      call('HSET', JOBS, id, value)
      call('ZADD', P .. ':leases', now + lease, id)
      count('pending', -1)
      count('processing', 1)
      given[#given + 1] = value
    else
      count('repaired', 1)
    end
    if has_more then call('ZADD', turns_of(line), position_at_end(line), line) end
  end
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
  return {'ok'}
end

-- Find leases that have run out: term.
function changes.F()
  if not is_reaper(next_arg()) then return {} end
  local ids = call('ZRANGEBYSCORE', P .. ':leases', '-inf', now, 'LIMIT', 0, MOST)
  return #ids > 0 and call('HMGET', JOBS, unpack(ids)) or {}
end

-- Pause: type, 1 or 0.
function changes.P()
  local type, is_paused = next_arg(), next_arg()
  call(is_paused == '1' and 'SADD' or 'SREM', P .. ':paused', type)
  if is_paused == '0' then has_news = true end
  return {'ok'}
end

-- A stale report.
function changes.N()
  count('stale', 1)
  return {'ok'}
end

-- Check that a job is where its status says: id, version, status, line, at.
function changes.K()
  local id, version, status, line, at = next_arg(), tonumber(next_arg()), tonumber(next_arg()), next_arg(), next_arg()
  local known = call('HGET', JOBS, id)
  if not known or version_of(known) ~= version then return {'stale'} end
  local is_there
  if status == PENDING then
    is_there = call('ZSCORE', (page_of(P .. ':line:' .. line, id)), id) and call('ZSCORE', turns_of(line), line)
  elseif status == SCHEDULED then
    is_there = call('ZSCORE', P .. ':due', id .. line)
  elseif status == PROCESSING then
    is_there = call('ZSCORE', P .. ':leases', id)
  else
    is_there = call('ZSCORE', P .. ':done:' .. status, id)
  end
  if not is_there then
    link(id, status, line, at)
    count('repaired', 1)
  end
  return {'ok'}
end

-- List: set, id to begin below, how many. Ids and values in turn.
function changes.L()
  local set, before, limit = next_arg(), next_arg(), tonumber(next_arg())
  local found = {}
  for _, id in ipairs(ids_below(P .. set, before, limit)) do
    found[#found + 1] = id
    found[#found + 1] = call('HGET', JOBS, id)
  end
  return found
end

-- Final jobs of a status that ended by then: status, time, how many.
function changes.O()
  local status, by, limit = next_arg(), next_arg(), next_arg()
  local ids = call('ZRANGEBYSCORE', P .. ':done:' .. status, '-inf', by, 'LIMIT', 0, limit)
  local found = {}
  for _, id in ipairs(ids) do found[#found + 1] = call('HGET', JOBS, id) end
  return found
end

-- What waits: the oldest job, paused types.
function changes.W()
  local line = call('ZRANGE', P .. ':heads', 0, 0)[1]
  local id = line and ids_first(P .. ':line:' .. line)
  return {id and call('HGET', JOBS, id) or false, call('SMEMBERS', P .. ':paused')}
end

local answers = {}
while position < #ARGV do
  local letter = next_arg()
  answers[#answers + 1] = changes[letter]()
end
make_jobs_due()

for name, by in pairs(deltas) do
  if by ~= 0 then call('HINCRBY', COUNT, name, by) end
end
if last_position then call('HSET', COUNT, 'position', string.format('%.0f', last_position)) end
if has_news then call('PUBLISH', WAKE, ARGV[2]) end
local due = call('ZRANGE', P .. ':due', 0, 0, 'WITHSCORES')
return {tostring(now), call('HMGET', COUNT, unpack(COUNTS)), due[2] or '', answers}
