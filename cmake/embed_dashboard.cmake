# Makes a C++ source of the files of web/dist: cmake -DFOLDER=web/dist -DOUTPUT=files.cpp -P embed_dashboard.cmake
# Text is compressed here, once, by gzip without a time: the same files give the same source.
set(types "js=text/javascript" "css=text/css" "html=text/html" "svg=image/svg+xml" "jpg=image/jpeg" "png=image/png")

file(GLOB files LIST_DIRECTORIES false "${FOLDER}/*")
list(SORT files)
set(arrays "")
set(rows "")
set(number 0)
foreach(file IN LISTS files)
  cmake_path(GET file FILENAME name)
  cmake_path(GET file EXTENSION LAST_ONLY extension)
  string(SUBSTRING "${extension}" 1 -1 extension)
  set(type "")
  foreach(pair IN LISTS types)
    if(pair MATCHES "^${extension}=(.*)$")
      set(type "${CMAKE_MATCH_1}")
    endif()
  endforeach()
  if(type STREQUAL "")
    message(FATAL_ERROR "embed_dashboard: what kind of file is ${file}? Known are ${types}")
  endif()
  if(type MATCHES "^text/")
    string(APPEND type "; charset=utf-8")
  endif()
  set(source "${file}")
  set(compressed false)
  if(extension MATCHES "^(js|css|svg)$")
    set(compressed true)
    set(source "${OUTPUT}.${name}.gz")
    execute_process(COMMAND gzip -9 -n -c "${file}" OUTPUT_FILE "${source}" COMMAND_ERROR_IS_FATAL ANY)
  endif()
  file(READ "${source}" hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  string(APPEND arrays "constexpr unsigned char file_${number}[] = {${bytes}};\n")
  string(APPEND rows "    {\"${name}\", \"${type}\", ${compressed}, file_${number}},\n")
  math(EXPR number "${number} + 1")
endforeach()
if(number EQUAL 0)
  message(FATAL_ERROR "embed_dashboard: there is nothing in ${FOLDER}; web/build makes it")
endif()

file(WRITE "${OUTPUT}" "// Made by cmake/embed_dashboard.cmake.
#include \"http/api/dashboard/dashboard_files.hpp\"

namespace stayler::http {

namespace {

${arrays}
constexpr dashboard_file files[] = {
${rows}};

}  // namespace

std::span<const dashboard_file> dashboard_files() noexcept {
  return files;
}

}  // namespace stayler::http
")
