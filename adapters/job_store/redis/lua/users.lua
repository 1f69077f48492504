
-- How many jobs of each user wait: entries in flows and in the list of due times. Whatever changes
-- those counts here, so that this cannot disagree with them. The hash has one field more, which says
-- that all jobs were counted: earlier versions did not, and nobody needs it before there is a bound.

local USERS, ALL_ARE_COUNTED = P .. ':users', '\0'
local changes_by_user = {}

local function user_of(flow)
  return string.sub(flow, 3)
end

local function count_waiting(flow, by)
  local user = user_of(flow)
  changes_by_user[user] = (changes_by_user[user] or 0) + by
end

-- The same of all users by what the indexes have, whatever was counted.
local function recount_waiting()
  local waiting = {}
  local function add(flow, by)
    local user = user_of(flow)
    waiting[user] = (waiting[user] or 0) + by
  end
  for _, flow in ipairs(call('ZRANGE', P .. ':heads', 0, -1)) do
    add(flow, ids_size(P .. ':line:' .. flow))
  end
  for _, member in ipairs(call('ZRANGE', P .. ':due', 0, -1)) do add(string.sub(member, 17), 1) end
  return waiting
end

local function write_waiting(waiting)
  local fields = {ALL_ARE_COUNTED, 1}
  for user, number in pairs(waiting) do push_pair(fields, user, number) end
  call_many('HSET', USERS, fields)
  changes_by_user = {}
end

local function waiting_of_user(flow)
  local user = user_of(flow)
  local stored = call('HMGET', USERS, ALL_ARE_COUNTED, user)
  if not stored[1] then
    local waiting = recount_waiting()
    write_waiting(waiting)
    return waiting[user] or 0
  end
  return (stored[2] or 0) + (changes_by_user[user] or 0)
end

local function write_changes_by_user()
  local users = {ALL_ARE_COUNTED}
  for user, by in pairs(changes_by_user) do
    if by ~= 0 then users[#users + 1] = user end
  end
  if #users == 1 then return end
  local stored = answer_many('HMGET', USERS, users)
  if not stored[1] then return end
  local waiting, none = {}, {}
  for i = 2, #users do
    local number = (stored[i] or 0) + changes_by_user[users[i]]
    if number > 0 then push_pair(waiting, users[i], number) else none[#none + 1] = users[i] end
  end
  call_many('HDEL', USERS, none)
  call_many('HSET', USERS, waiting)
  changes_by_user = {}
end
