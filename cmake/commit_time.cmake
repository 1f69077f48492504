# STAYLER_COMMIT_TIME: when what is built was written, in seconds since 1970. What is made twice of one commit is equal.
set(STAYLER_COMMIT_TIME "$ENV{SOURCE_DATE_EPOCH}")
if(NOT STAYLER_COMMIT_TIME)
  execute_process(COMMAND git log -1 --format=%ct WORKING_DIRECTORY "${SOURCE_DIR}"
    OUTPUT_VARIABLE STAYLER_COMMIT_TIME OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT STAYLER_COMMIT_TIME)
  string(TIMESTAMP STAYLER_COMMIT_TIME %s UTC)
endif()
