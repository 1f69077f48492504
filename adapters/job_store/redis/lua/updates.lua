
-- Compare-and-set: a job is written where it still has the version that its transition was decided
-- on. Updates are gathered, and made together before the next other command: no two of a run are of
-- one job.

local OK = {'ok'}

-- The answer to each command of the run, and the updates that are not made yet.
local answers, updates = {}, {}

local function gather_update()
  local id, version, value, before, flow_before, after, flow_after, at, flight, job_time, finished,
    ambiguous = next_args(12)
  updates[#updates + 1] = {
    answer = #answers + 1, id = id, version = tonumber(version), value = value,
    before = tonumber(before), flow_before = flow_before,
    after = tonumber(after), flow_after = flow_after, at = at,
    flight = flight, job_time = job_time, finished = finished, ambiguous = ambiguous
  }
  return OK
end

-- Takes or gives up the place among the conversions in flight; false where another job has it.
local function change_flight(update)
  local becomes_final = is_final(update.after)
  if update.flight == '' or is_final(update.before) == becomes_final then return true end
  if becomes_final then
    -- A job that was let in by an earlier version, which knew conversions by their user, has none.
    if recall(FLIGHT, update.flight) == update.id then forget(FLIGHT, update.flight) end
    return true
  end
  local other = recall(FLIGHT, update.flight)
  if other and call('HEXISTS', JOBS, other) == 1 then return false end
  remember(FLIGHT, update.flight, update.id)
  return true
end

-- Whether each of these jobs is of the version that its update was decided on.
local function are_current()
  local leases, ids, current = {}, {}, {}
  for _, update in ipairs(updates) do
    if update.before == PROCESSING then
      leases[#leases + 1] = lease_of(update.id, update.version)
    else
      ids[#ids + 1] = update.id
    end
  end
  local ends = answer_many('ZMSCORE', LEASES, leases)
  local values, claims = answer_many('HMGET', JOBS, ids), answer_many('HMGET', CLAIMS, ids)
  local lease, id = 0, 0
  for i, update in ipairs(updates) do
    if update.before == PROCESSING then
      lease = lease + 1
      current[i] = ends[lease]
    else
      id = id + 1
      current[i] = values[id] and not claims[id] and version_of(values[id]) == update.version
    end
  end
  return current
end

-- The updates that may be made; the others are answered.
local function check_updates()
  local good = {}
  local current = are_current()
  for i, update in ipairs(updates) do
    if not current[i] then
      answers[update.answer] = {'stale'}
    elseif not change_flight(update) then
      answers[update.answer] = {'in flight'}
    else
      update.flow_before = flow_in_index(update.id, update.before, update.flow_before)
      good[#good + 1] = update
    end
  end
  return good
end

-- A job that is to go ahead of its user's others stays where it is: its flow keeps its turn.
local function is_moved(update)
  return update.before ~= update.after or update.flow_before ~= (split_name(update.flow_after))
end

-- The first write of a script may be refused for want of memory, later ones never: removing
-- something first lets running jobs end in a full server.
local function unlink_all(good)
  local leases, ids = {}, {}
  for _, update in ipairs(good) do
    if update.before == PROCESSING then
      leases[#leases + 1] = lease_of(update.id, update.version)
      ids[#ids + 1] = update.id
    elseif is_moved(update) then
      unlink(update.id, update.before, update.flow_before)
    end
  end
  call_many('ZREM', LEASES, leases)
  call_many('HDEL', CLAIMS, ids)
end

local function link_all(good)
  local leases, ends = {}, {}
  for _, update in ipairs(good) do
    local id, after, at = update.id, update.after, update.at
    if after == PROCESSING then
      push_pair(leases, at, lease_of(id, version_of(update.value)))
    elseif is_moved(update) and is_final(after) then
      ends[after] = ends[after] or {}
      push_pair(ends[after], at, id)
      if after == FAILED then ids_add(P .. ':failed', id) end
    elseif is_moved(update) or update.flow_before ~= update.flow_after then
      link(id, after, update.flow_after, at)
    end
  end
  call_many('ZADD', LEASES, leases)
  for status, members in pairs(ends) do call_many('ZADD', P .. ':done:' .. status, members) end
end

local function set_last_finished(at)
  if at > tonumber(call('HGET', COUNT, 'last_finished') or 0) then
    call('HSET', COUNT, 'last_finished', at)
  end
end

-- Carries the updates into the counts.
local function count_all(good)
  local last_finished = 0
  for _, update in ipairs(good) do
    local before, after = update.before, update.after
    if before ~= after then
      count_status(before, -1)
      count_status(after, 1)
      count('job_time', tonumber(update.job_time))
      count('ambiguous', tonumber(update.ambiguous))
      if is_final(after) and not is_final(before) then
        last_finished = math.max(last_finished, tonumber(update.finished))
      end
    end
  end
  if last_finished > 0 then set_last_finished(last_finished) end
end

local function make_updates()
  local good = check_updates()
  updates = {}
  unlink_all(good)
  link_all(good)
  local values = {}
  for _, update in ipairs(good) do
    push_pair(values, update.id, update.value)
    if update.before == PROCESSING and update.after == CANCELLED then
      call('PUBLISH', WAKE, CALLER .. update.id)
    end
  end
  call_many('HSET', JOBS, values)
  count_all(good)
end
