
-- The commands, by their words; redis_commands.hpp has the arguments and the answer of each. A
-- command takes its arguments by next_args() and returns its answer.

local commands = {}

commands.update = gather_update

local stored_waiting

local function waiting_jobs()
  if not stored_waiting then
    local stored = call('HMGET', COUNT, 'pending', 'scheduled')
    stored_waiting = (stored[1] or 0) + (stored[2] or 0)
  end
  return stored_waiting + (deltas.pending or 0) + (deltas.scheduled or 0)
end

function commands.enqueue()
  local id, value, status, flow, at, key, flight, bound, bound_of_user = next_args(9)
  local earlier = call('HEXISTS', JOBS, id) == 1 and id or recall(KEY, key) or recall(FLIGHT, flight)
  local known = earlier and read(earlier)
  if known then return {'existing', earlier, known} end
  status, bound, bound_of_user = tonumber(status), tonumber(bound), tonumber(bound_of_user)
  if bound_of_user > 0 then
    local waiting = waiting_of_user(flow)
    if waiting >= bound_of_user then return {'user full', waiting} end
  end
  if bound > 0 then
    local waiting = waiting_jobs()
    if waiting >= bound then return {'full', waiting} end
  end
  call('HSET', JOBS, id, value)
  ids_add(P .. ':all', id)
  link(id, status, flow, at)
  if key ~= '' then remember(KEY, key, id) end
  if flight ~= '' then remember(FLIGHT, flight, id) end
  count('accepted', 1)
  count_status(status, 1)
  return OK
end

function commands.remove()
  local id, version, status, key = next_args(4)
  status = tonumber(status)
  local known = call('HGET', JOBS, id)
  if not known or version_of(known) ~= tonumber(version) then return {'stale'} end
  unlink(id, status, '')
  call('HDEL', JOBS, id)
  ids_remove(P .. ':all', id)
  if recall(KEY, key) == id then forget(KEY, key) end
  count_status(status, -1)
  return OK
end

-- Earlier versions know of no more than the set of paused types: it says what is paused.
local PAUSED, PAUSES, PAUSE_ENDS = P .. ':paused', P .. ':pauses', P .. ':pause_ends'
local ended_pauses = {}

-- What is known of a type's pause: '' where no more than that it is paused, false where it is not.
local function known_pause(type)
  for _, paused in ipairs(call('SMEMBERS', PAUSED)) do
    if paused == type then return call('HGET', PAUSES, type) or '' end
  end
  return false
end

local function end_pause(type)
  call('SREM', PAUSED, type)
  call('HDEL', PAUSES, type)
  call('ZREM', PAUSE_ENDS, type)
  is_work_available = true
end

-- What was to go on by now does, however long ago that was.
local function end_pauses()
  for _, type in ipairs(call('ZRANGEBYSCORE', PAUSE_ENDS, '-inf', now)) do
    local ended = known_pause(type)
    if ended then push_pair(ended_pauses, type, ended) end
    end_pause(type)
  end
end

-- The types that no job is given out of: as a set, by their texts. Those of suspects count as types
-- of their own.
local function paused_types(except, without_others, without_suspects)
  local paused = {}
  local function pause(type)
    paused[type], paused[tostring(type + SUSPECT_BIT)] = true, true
  end
  for _, type in ipairs(call('SMEMBERS', PAUSED)) do pause(type) end
  for _, type in ipairs(except) do pause(type) end
  local waiting = false
  for _, type in ipairs(JOB_TYPES) do
    local suspect = tostring(type + SUSPECT_BIT)
    if without_suspects and not paused[suspect] then
      waiting = waiting or call('EXISTS', P .. ':turns:' .. suspect) == 1
      paused[suspect] = true
    end
    if without_others then paused[tostring(type)] = true end
  end
  return paused, waiting
end

function commands.claim()
  local lease, instance_id, wanted = next_args(3)
  lease, wanted = tonumber(lease), tonumber(wanted)
  local workers = {}
  for i = 1, wanted do workers[i] = next_arg() end
  make_jobs_due()
  local except = {next_args(tonumber(next_arg()))}
  local without_others, without_suspects = next_args(2)
  local paused, are_suspects_waiting =
    paused_types(except, without_others == '1', without_suspects == '1')
  local given, claims, leases, number = {}, {}, {}, 0
  while number < wanted do
    local ids = take_turns(paused, wanted - number)
    if not ids then break end
    for i, value in ipairs(answer_many('HMGET', JOBS, ids)) do
      if value then
        number = number + 1
        local worker = workers[number]
        local record = CLAIM_RECORD .. struct.pack('<I8I8I2', now, lease, #worker) .. worker
        push_pair(claims, ids[i], record .. struct.pack('<I2', #instance_id) .. instance_id)
        push_pair(leases, now + lease, lease_of(ids[i], next_version(value)))
        push_pair(given, ids[i], value)
        count('processing', 1)
        count('pending', -1)
      else
        count('repaired', 1)
      end
    end
  end
  call_many('HSET', CLAIMS, claims)
  call_many('ZADD', LEASES, leases)
  table.insert(given, 1, are_suspects_waiting and 1 or 0)
  table.insert(given, 1, tostring(now))
  return given
end

-- Whether the caller is the reaper: it stays that, and becomes it where there is none. A server
-- without memory cannot write that down; then all are reapers, which costs no more than time.
local function is_reaper(term)
  local holder = call('GET', REAPER)
  if holder == CALLER then
    call('PEXPIRE', REAPER, term)
  elseif not holder then
    redis.pcall('SET', REAPER, CALLER, 'PX', term)
  end
  return not holder or holder == CALLER
end

function commands.is_reaper()
  return {is_reaper((next_arg())) and 1 or 0}
end

function commands.resign()
  if call('GET', REAPER) == CALLER then call('DEL', REAPER) end
  return OK
end

function commands.find_expired()
  if not is_reaper((next_arg())) then return {} end
  local found = {}
  for _, lease in ipairs(call('ZRANGEBYSCORE', LEASES, '-inf', now, 'LIMIT', 0, JOBS_PER_PASS)) do
    local id = string.sub(lease, 1, 16)
    push_pair(found, id, read(id))
  end
  return found
end

function commands.pause()
  local type, ends, record = next_args(3)
  local before = known_pause(type)
  local since = before and string.match(before, '^%d+') or tostring(now)
  local after = since .. ':' .. record
  call('SADD', PAUSED, type)
  call('HSET', PAUSES, type, after)
  if ends == '0' then call('ZREM', PAUSE_ENDS, type) else call('ZADD', PAUSE_ENDS, ends, type) end
  return {before, after}
end

function commands.resume()
  local type = next_arg()
  local before = known_pause(type)
  if before then end_pause(type) end
  return {before}
end

function commands.count_stale()
  count('stale', 1)
  return OK
end

-- Its body and records stay as they are.
function commands.set_aside()
  local id, version = next_args(2)
  local known = read(id)
  if not known or version_of(known) ~= tonumber(version) then return {'stale'} end
  if call('ZREM', LEASES, lease_of(id, version_of(known))) == 0 then return {'stale'} end
  call('HDEL', CLAIMS, id)
  local value = call('HGET', JOBS, id)
  local head = struct.pack('<I4B', (version_of(known) + 1) % 4294967296, FAILED)
  call('HSET', JOBS, id, head .. string.sub(value, 6))
  link(id, FAILED, '', tostring(now))
  count_status(PROCESSING, -1)
  count_status(FAILED, 1)
  return OK
end

function commands.replace()
  local id, before, after = next_args(3)
  if call('HGET', JOBS, id) ~= before then return {'stale'} end
  call('HSET', JOBS, id, after)
  return OK
end

local function rename(kind, before, after, id)
  if recall(kind, before) ~= id then return end
  forget(kind, before)
  remember(kind, after, id)
end

-- A job that was claimed is in no flow, whatever its value says.
function commands.encrypt()
  local id, before, after, status, flow, flow_after, at, key, key_after, flight, flight_after =
    next_args(11)
  if call('HGET', JOBS, id) ~= before then return {'stale'} end
  status = tonumber(status)
  if call('HEXISTS', CLAIMS, id) == 0 and status < PROCESSING then
    flow = flow_in_index(id, status, flow)
    if status == PENDING and call('ZSCORE', AHEAD, ahead_member(flow, id)) then
      flow_after = string.char(string.byte(flow_after, 1) + AHEAD_BIT) .. string.sub(flow_after, 2)
    end
    unlink(id, status, flow)
    link(id, status, flow_after, at)
  end
  rename(KEY, key, key_after, id)
  rename(FLIGHT, flight, flight_after, id)
  call('HSET', JOBS, id, after)
  return OK
end

function commands.verify()
  local id, version, status, flow, at = next_args(5)
  version, status = tonumber(version), tonumber(status)
  local known = read(id)
  if not known or version_of(known) ~= version then return {'stale'} end
  flow = flow_in_index(id, status, flow)
  if is_linked(id, version, status, flow) then return OK end
  if status == PROCESSING then
    call('ZADD', LEASES, at, lease_of(id, version))
  else
    link(id, status, flow, at)
  end
  count('repaired', 1)
  return OK
end

-- A recount reads every entry.
local MOST_RECOUNTED = 200000

function commands.verify_users()
  write_changes_by_user()
  local stored = call('HGETALL', USERS)
  if #stored == 0 or waiting_jobs() > MOST_RECOUNTED then return OK end
  local waiting, users = recount_waiting(), 0
  for _ in pairs(waiting) do users = users + 1 end
  local is_sound = #stored == 2 * (users + 1)
  for i = 1, #stored, 2 do
    local user = stored[i]
    is_sound = is_sound and (user == ALL_ARE_COUNTED or tonumber(stored[i + 1]) == waiting[user])
  end
  if not is_sound then
    call('DEL', USERS)
    write_waiting(waiting)
    count('repaired', 1)
  end
  return OK
end

function commands.list()
  local set, before, limit = next_args(3)
  local found = {}
  for _, id in ipairs(ids_below(P .. set, before, tonumber(limit))) do
    push_pair(found, id, read(id))
  end
  return found
end

function commands.list_finished()
  local status, by, limit = next_args(3)
  local ids = call('ZRANGEBYSCORE', P .. ':done:' .. status, '-inf', by, 'LIMIT', 0, limit)
  local found = {}
  for _, id in ipairs(ids) do push_pair(found, id, call('HGET', JOBS, id)) end
  return found
end

function commands.waiting()
  local flow = call('ZRANGE', P .. ':heads', 0, 0)[1]
  local id = flow and ids_first(flow_key(flow))
  local is_caller = call('GET', REAPER) == CALLER
  local value = id and call('HGET', JOBS, id) or false
  local paused = {}
  for _, type in ipairs(call('SMEMBERS', PAUSED)) do push_pair(paused, type, known_pause(type)) end
  return {id or false, value, paused, is_caller and 1 or 0}
end

-- A list is read beside the batches, which alone tell what they have ended.
if ARGV[position + 1] ~= 'list' then end_pauses() end
while position < #ARGV do
  local word = next_arg()
  if word ~= 'update' and #updates > 0 then make_updates() end
  answers[#answers + 1] = commands[word]()
end
if #updates > 0 then make_updates() end
make_jobs_due()
write_counts()
write_changes_by_user()
write_last_position()
if is_work_available then call('PUBLISH', WAKE, CALLER) end

local next_due = call('ZRANGE', P .. ':due', 0, 0, 'WITHSCORES')[2]
local next_end = call('ZRANGE', PAUSE_ENDS, 0, 0, 'WITHSCORES')[2]
if next_end and not (next_due and tonumber(next_due) < tonumber(next_end)) then next_due = next_end end
return {tostring(now), call('HMGET', COUNT, unpack(COUNTS)), next_due or '', answers, ended_pauses}
