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
  -Wall -Wextra -Wpedantic -Wconversion -Werror
  # Files that are compiled as one share globals that none of them means.
  $<IF:$<AND:$<BOOL:${STAYLER_UNITY}>,$<CXX_COMPILER_ID:GNU>>,-Wshadow=local,-Wshadow>
  # GCC 12 sees overlapping and endless copies in `"literal" + std::string{}` when it optimizes (its bug 105651).
  # At -O2 it also sees a string_view of endless length behind a find() that checks its bounds.
  # Its search for uninitialized values fails on optional and variant members; clang and the sanitizers
  # look for the same.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict;-Wno-stringop-overflow;-Wno-stringop-overread;-Wno-array-bounds>)

# Most of a build's time goes into headers. Each of cmake/precompiled is compiled once and serves all targets that
# name it; a target's flags must be those of the header's, macros aside.
function(stayler_precompile name header)
  if(NOT STAYLER_PCH)
    return()
  endif()
  if(NOT TARGET stayler_precompiled_${header})
    set(source ${CMAKE_BINARY_DIR}/precompiled/${header}.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT "")
    add_library(stayler_precompiled_${header} OBJECT ${source})
    # GCC takes a header for the one that it has precompiled only where their texts are equal, comments included.
    # ccache has given out ones that were made before a comment was changed, also when told to look at comments.
    set_target_properties(stayler_precompiled_${header} PROPERTIES CXX_COMPILER_LAUNCHER "")
    target_link_libraries(stayler_precompiled_${header} PRIVATE stayler_warnings ${ARGN})
    target_include_directories(stayler_precompiled_${header} PRIVATE ${CMAKE_SOURCE_DIR})
    target_precompile_headers(stayler_precompiled_${header} PRIVATE <cmake/precompiled/${header}.hpp>)
  endif()
  target_precompile_headers(${name} REUSE_FROM stayler_precompiled_${header})
endfunction()

# With STAYLER_UNITY the files of one folder are compiled as one, eight at most, tests by fours: headers are read and
# templates are instantiated once for all of them. Names in their anonymous namespaces must be unique in the folder.
# CMake's own unity builds name the files by absolute paths, which would cost ccache its hits in another work tree.
function(stayler_unite name)
  set(most 8)
  if(name MATCHES "_test$")
    set(most 4)
  endif()
  get_target_property(sources ${name} SOURCES)
  foreach(source IN LISTS sources)
    cmake_path(ABSOLUTE_PATH source NORMALIZE)
    cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${CMAKE_SOURCE_DIR})
    cmake_path(GET source PARENT_PATH folder)
    list(APPEND files_${folder} ${source})
    list(LENGTH files_${folder} count)
    math(EXPR part "(${count} - 1) / ${most}")
    set(group ${folder}/unity_${part}.cpp)
    list(APPEND sources_${group} ${source})
    list(APPEND groups ${group})
  endforeach()
  list(REMOVE_DUPLICATES groups)
  foreach(group IN LISTS groups)
    list(JOIN sources_${group} "\"\n#include \"" includes)
    file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/unity/${name}/${group} CONTENT "#include \"${includes}\"\n")
    list(APPEND united ${CMAKE_BINARY_DIR}/unity/${name}/${group})
  endforeach()
  set_target_properties(${name} PROPERTIES SOURCES "${united}")
endfunction()

function(stayler_target_defaults name)
  target_link_libraries(${name} PRIVATE stayler_warnings)
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  stayler_precompile(${name} std)
  if(STAYLER_UNITY)
    stayler_unite(${name})
  endif()
endfunction()

# What runs in the codec's sandbox, in this folder: to look at a virtual table UBSan asks for a pipe, which is forbidden there.
macro(stayler_sandboxed_folder)
  if(STAYLER_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize=vptr)
    set(CMAKE_DISABLE_PRECOMPILE_HEADERS ON)
  endif()
endmacro()

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

# Targets that include CAF.
function(stayler_uses_caf name)
  target_link_libraries(${name} PUBLIC stayler_caf)
  stayler_precompile(${name} caf stayler_caf)
endfunction()
