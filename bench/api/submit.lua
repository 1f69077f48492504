-- SPDX-License-Identifier: MIT
-- Submissions of conversions, no two alike, for wrk: the path, then the photos and the garments as ids
-- parted by commas, then a word that makes the ids of this turn its own.

local path, photos, garments, turn
local count = 0

local function split(text)
  local parts = {}
  for part in text:gmatch("[^,]+") do
    parts[#parts + 1] = part
  end
  return parts
end

function init(args)
  path, photos, garments, turn = args[1], split(args[2]), split(args[3]), args[4]
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  count = count + 1
  local body = string.format(
    '{"type":"image_conversion","conversionId":"%s-%d","userId":"user-%d","priority":5,' ..
      '"payload":{"userImageId":"%s","clothImageId":"%s"}}',
    turn, count, count % 100, photos[count % #photos + 1], garments[count % #garments + 1])
  return wrk.format("POST", path, nil, body)
end
