# Faster builds where the tools are present; nothing here changes what is built.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
endif()

option(STAYLER_MOLD "Link with mold where it is installed" ON)
find_program(MOLD_PROGRAM mold)
if(STAYLER_MOLD AND MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

if(STAYLER_SANITIZE)
  add_compile_options(-fsanitize=${STAYLER_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${STAYLER_SANITIZE})
  if(STAYLER_SANITIZE STREQUAL thread)
    # ThreadSanitizer does not follow fences. Asio does without its own, for its queues have locks.
    add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
    add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  endif()
endif()
