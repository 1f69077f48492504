# stayler_embed(NAME FILE VARIABLE) makes a library of a file's bytes: VARIABLE, of the form namespace::name, is a
# `const std::string_view` that its user declares `extern`.
function(stayler_embed name file variable)
  cmake_path(ABSOLUTE_PATH file)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  set(script ${CMAKE_SOURCE_DIR}/cmake/write_embedded.cmake)
  add_custom_command(OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -D FILE=${file} -D VARIABLE=${variable} -D OUTPUT=${source} -P ${script}
    DEPENDS ${file} ${script} VERBATIM)
  add_library(${name} STATIC ${source})
endfunction()
