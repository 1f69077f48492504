
-- Whose turn it is, by the rules of fair_queue.hpp. A flow is named by its band (a byte), its type
-- (a byte, with SUSPECT_BIT where it is of suspects) and its user.

local EPOCH = 1700000000000

-- The types that flows have.
local FLOW_TYPES = {}
for _, type in ipairs(JOB_TYPES) do
  table.insert(FLOW_TYPES, type)
  table.insert(FLOW_TYPES, type + SUSPECT_BIT)
end

local is_work_available = false
local last_position

local function age_of(id)
  local age = 0
  for i = 1, 6 do age = age * 256 + string.byte(id, i) end
  return age
end

local function score(position)
  return string.format('%.0f', position)
end

local function flow_key(flow)
  return P .. ':line:' .. flow
end

local function turns_key(flow)
  return P .. ':turns:' .. string.byte(flow, 2)
end

-- In 4096ths of a millisecond, and each later than the one before: turns within one millisecond
-- keep their order.
local function position_at_end(flow)
  last_position = last_position or tonumber(call('HGET', COUNT, 'position') or 0)
  last_position = math.max((now - EPOCH) * 4096, last_position + 1)
  local band = string.byte(flow, 1)
  return last_position - (band == PRIORITIZED_BYTE and PRIORITIZED_BAND or band) * AGEING_STEP * 4096
end

local function write_last_position()
  if last_position then call('HSET', COUNT, 'position', score(last_position)) end
end

-- The jobs that go ahead of their user's others: type, user, 0, id, band, so that those of one user
-- and type stand together. They stay in their flows as well. What another version of this script has
-- taken from its flow is found out when its turn comes.
local AHEAD = P .. ':ahead'
local is_anybody_ahead

local function ahead_exist()
  if is_anybody_ahead == nil then is_anybody_ahead = call('EXISTS', AHEAD) == 1 end
  return is_anybody_ahead
end

local function ahead_member(flow, id)
  return string.sub(flow, 2) .. '\0' .. id .. string.sub(flow, 1, 1)
end

-- The flow of a name that may have the AHEAD_BIT, and whether it has.
local function split_name(name)
  local band = string.byte(name, 1)
  local is_ahead = band > AHEAD_BIT and band ~= PRIORITIZED_BYTE
  return is_ahead and string.char(band - AHEAD_BIT) .. string.sub(name, 2) or name, is_ahead
end

-- The first id of each flow that is known to be among the turns.
local first_ids = {}

local function flow_add(name, id)
  local flow, is_ahead = split_name(name)
  local set = flow_key(flow)
  count_waiting(flow, ids_add(set, id))
  if is_ahead then
    call('ZADD', AHEAD, 0, ahead_member(flow, id))
    is_anybody_ahead = true
  end
  is_work_available = true
  local first = first_ids[flow]
  if first and is_before(first, id) then return end
  if not first and not call('ZSCORE', turns_key(flow), flow) then
    call('ZADD', turns_key(flow), score(position_at_end(flow)), flow)
  end
  first_ids[flow] = ids_first(set)
  if first_ids[flow] == id then call('ZADD', P .. ':heads', age_of(id), flow) end
end

local function flow_remove(flow, id)
  local set = flow_key(flow)
  local removed = ids_remove(set, id)
  count_waiting(flow, -removed)
  if ahead_exist() then call('ZREM', AHEAD, ahead_member(flow, id)) end
  local first = ids_first(set)
  first_ids[flow] = first
  if first then
    call('ZADD', P .. ':heads', age_of(first), flow)
  else
    call('ZREM', turns_key(flow), flow)
    call('ZREM', P .. ':heads', flow)
  end
  return removed
end

local function flow_has(flow, id)
  return ids_has(flow_key(flow), id) and call('ZSCORE', turns_key(flow), flow)
end

-- What a claim takes from a flow: ids are read some at a time, and removed together.
local function remove_taken(taken)
  if taken.next == 1 then return end
  call_many('ZREM', taken.key, {unpack(taken.ids, 1, taken.next - 1)})
  count_waiting(taken.flow, 1 - taken.next)
  drop_empty_page(taken.set, taken.key, taken.page)
  taken.ids, taken.next = {unpack(taken.ids, taken.next)}, 1
end

local function next_id(taken, limit)
  if taken.next > #taken.ids then
    remove_taken(taken)
    taken.ids, taken.key, taken.page = ids_front(taken.set, limit)
  end
  return taken.ids[taken.next]
end

-- The flows whose turn is next, `limit` of each type at most, in order; and whether these are all.
local function next_turns(paused, limit)
  local turns, are_all = {}, true
  for _, type in ipairs(FLOW_TYPES) do
    local found = {}
    if not paused[tostring(type)] then
      found = call('ZRANGE', P .. ':turns:' .. type, 0, limit - 1, 'WITHSCORES')
    end
    for i = 1, #found, 2 do
      turns[#turns + 1] = {flow = found[i], position = tonumber(found[i + 1]), rank = #turns}
    end
    are_all = are_all and #found < 2 * limit
  end
  table.sort(turns, function(a, b)
    return a.position < b.position or (a.position == b.position and a.rank < b.rank)
  end)
  return turns, are_all
end

local function write_turns(touched)
  local heads, left, turns = {}, {}, {}
  for _, type in ipairs(FLOW_TYPES) do turns[type] = {} end
  for flow, taken in pairs(touched) do
    remove_taken(taken)
    local first = next_id(taken, 1)
    first_ids[flow] = first
    if first then
      push_pair(heads, age_of(first), flow)
      push_pair(turns[string.byte(flow, 2)], score(taken.position), flow)
    else
      call('ZREM', turns_key(flow), flow)
      left[#left + 1] = flow
    end
  end
  call_many('ZREM', P .. ':heads', left)
  call_many('ZADD', P .. ':heads', heads)
  for _, type in ipairs(FLOW_TYPES) do call_many('ZADD', P .. ':turns:' .. type, turns[type]) end
end

-- A flow that has had its turn and has more goes behind the others of its band.
local function requeue_flow(turns, current, flow, taken, are_all)
  taken.position = position_at_end(flow)
  local place = #turns + 1
  while place > current + 1 and taken.position < turns[place - 1].position do place = place - 1 end
  -- Behind the last that was read there may be others before it.
  if place <= #turns or are_all then
    table.insert(turns, place, {flow = flow, position = taken.position})
  end
end

-- Takes the oldest job of the flow's user and type that goes ahead of their others out of its own
-- flow, which is returned as well. Nothing where there is none, and for the flow of a job that goes
-- ahead of all.
local function take_ahead(flow)
  if string.byte(flow, 1) == PRIORITIZED_BYTE or not ahead_exist() then return nil end
  local user = string.sub(flow, 2)
  while true do
    local member = call('ZRANGEBYLEX', AHEAD, '[' .. user .. '\0', '(' .. user .. '\1', 'LIMIT', 0, 1)[1]
    if not member then return nil end
    local id, own = string.sub(member, -17, -2), string.sub(member, -1) .. user
    if flow_remove(own, id) == 1 then return id, own end
  end
end

-- Takes up to `wanted` ids out of their flows, one flow after the other. Nothing where nothing
-- waits.
local function take_turns(paused, wanted)
  local turns, are_all = next_turns(paused, wanted)
  if #turns == 0 then return nil end
  local share = math.ceil(wanted / #turns) + 1
  local ids, touched, emptied = {}, {}, {}
  local i = 1
  while turns[i] and #ids < wanted do
    local flow = turns[i].flow
    local taken = touched[flow] or {flow = flow, set = flow_key(flow), ids = {}, next = 1}
    touched[flow] = taken
    local has_more
    local id, own = take_ahead(flow)
    if id then
      -- No ids of the user's are read before the last of these is taken: they may be among them.
      emptied[own] = not first_ids[own]
      has_more = ids_first(taken.set)
    else
      id = next_id(taken, share)
      if id then
        taken.next = taken.next + 1
        has_more = next_id(taken, share)
      elseif not emptied[flow] then
        count('repaired', 1)
      end
    end
    if id then ids[#ids + 1] = id end
    if has_more then requeue_flow(turns, i, flow, taken, are_all) end
    i = i + 1
  end
  write_turns(touched)
  return ids
end
