
-- Ordered sets of ids, in pages of at most PAGE, so that each is a listpack of 20 bytes an id where
-- a plain sorted set takes 130. The first page is the key itself. S# names the others: each lies
-- under S:first, after the least id that it may hold.

local PAGE = 120

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

-- Returns how many were added: 1 or 0.
local function ids_add(set, id)
  local tail = tail_for(set, id)
  if tail then
    local added = call('ZADD', tail.key, 0, id)
    tail.size = tail.size + added
    return added
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
  return call('ZADD', key, 0, id)
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

local function ids_has(set, id)
  return call('ZSCORE', (page_of(set, id)), id)
end

local function ids_size(set)
  local size = call('ZCARD', set)
  for _, page in ipairs(call('ZRANGE', set .. '#', 0, -1)) do
    size = size + call('ZCARD', set .. ':' .. page)
  end
  return size
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
