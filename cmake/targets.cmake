# stayler_library(NAME [SOURCES files...] [DEPENDS targets...] [PRIVATE_DEPENDS targets...])
# stayler_program(NAME [SOURCES files...] [DEPENDS targets...])
#
# Without SOURCES: every .cpp in the folder and below it.
#
# One static library per folder. A folder links only the folders to its left
# (messages <- adapters <- policies <- actors <- http <- app), which makes a call in the wrong direction a
# link error; scripts/check-includes refuses the include itself.
add_library(stayler_warnings INTERFACE)
target_compile_options(stayler_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
  # GCC 12 sees overlapping and endless copies in `"literal" + std::string{}` when it optimizes (its bug 105651).
  # Its search for uninitialized values fails on optional and variant members; clang and the sanitizers
  # look for the same.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict;-Wno-stringop-overflow;-Wno-array-bounds>)

function(stayler_target_defaults name)
  target_link_libraries(${name} PRIVATE stayler_warnings)
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
endfunction()

function(stayler_sources result)
  set(sources ${ARGN})
  if(NOT sources)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cpp)
  endif()
  set(${result} ${sources} PARENT_SCOPE)
endfunction()

function(stayler_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  stayler_sources(sources ${arg_SOURCES})
  add_library(${name} STATIC ${sources})
  stayler_target_defaults(${name})
  target_link_libraries(${name} PUBLIC ${arg_DEPENDS} PRIVATE ${arg_PRIVATE_DEPENDS})
endfunction()

function(stayler_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  stayler_sources(sources ${arg_SOURCES})
  add_executable(${name} ${sources})
  stayler_target_defaults(${name})
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS})
endfunction()

# Targets that include CAF: a translation unit with three typed actors costs seconds, most of it headers.
function(stayler_uses_caf name)
  target_link_libraries(${name} PUBLIC stayler_caf)
  if(STAYLER_PCH)
    target_precompile_headers(${name} PRIVATE <caf/all.hpp> <chrono> <map> <memory> <string> <vector>)
  endif()
endfunction()
