# Writes OUTPUT, a source that defines VARIABLE as the bytes of FILE: see cmake/embed.cmake. As single characters, for a
# string literal may be no longer than 64 KiB.
string(REGEX MATCH "^(.*)::([a-z_]+)$" matched "${VARIABLE}")
set(namespace ${CMAKE_MATCH_1})
set(name ${CMAKE_MATCH_2})
file(READ ${FILE} bytes HEX)
string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
file(WRITE ${OUTPUT} "#include <string_view>

namespace ${namespace} {

static constexpr char bytes[] = {
${bytes}};

extern const std::string_view ${name};
const std::string_view ${name}{bytes, sizeof bytes};

}  // namespace ${namespace}
")
