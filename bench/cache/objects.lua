-- Asks for /o/1, /o/2, ... once each; the number of objects is that of requests that wrk makes.
local n = 0
function request()
  n = n + 1
  return wrk.format("GET", "/o/" .. n)
end
function done(summary)
  print("OBJECTS " .. summary.requests)
end
