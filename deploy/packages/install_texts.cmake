# Run by an installation, with COMPONENT, PACKAGE, VERSION, SOURCE_DIR and WORK_DIR: makes and installs the texts of a
# component that depend on the prefix (units), on programs (manual pages, list of contents) or on time (change log).
include("${SOURCE_DIR}/cmake/commit_time.cmake")
set(sources "${SOURCE_DIR}/deploy/packages")
# file(INSTALL) puts DESTDIR in front by itself.
set(root "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}")
set(made "${WORK_DIR}/texts/${COMPONENT}")
file(MAKE_DIRECTORY "${made}")
set(readable OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)

# A text, compressed without its time, so that equal texts are equal files.
function(install_compressed file destination name)
  execute_process(COMMAND gzip -9 -n -c "${file}" OUTPUT_FILE "${made}/${name}.gz" COMMAND_ERROR_IS_FATAL ANY)
  file(INSTALL "${made}/${name}.gz" DESTINATION "${CMAKE_INSTALL_PREFIX}/${destination}" PERMISSIONS ${readable})
endfunction()

# What the program says of itself, as a page. What has no help2man goes without.
function(install_manual program section)
  find_program(HELP2MAN help2man)
  if(NOT HELP2MAN)
    message(STATUS "no manual page of ${program}: help2man is not installed")
    return()
  endif()
  cmake_path(GET program FILENAME name)
  set(page "${made}/${name}.${section}")
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C.UTF-8 SOURCE_DATE_EPOCH=${STAYLER_COMMIT_TIME}
      ${HELP2MAN} --no-info --section ${section} --include "${sources}/manual/${name}.h2m" --output "${page}" "${program}"
    COMMAND_ERROR_IS_FATAL ANY)
  install_compressed("${page}" "share/man/man${section}" "${name}.${section}")
endfunction()

function(install_unit name)
  file(READ "${SOURCE_DIR}/deploy/systemd/common.conf" STAYLER_UNIT_COMMON)
  set(STAYLER_BIN_DIR "${CMAKE_INSTALL_PREFIX}/bin")
  configure_file("${SOURCE_DIR}/deploy/systemd/${name}.in" "${made}/${name}" @ONLY)
  file(INSTALL "${made}/${name}" DESTINATION "${CMAKE_INSTALL_PREFIX}/lib/systemd/system" PERMISSIONS ${readable})
endfunction()

# Settings that are there are not written over.
function(install_settings)
  if(NOT EXISTS "$ENV{DESTDIR}/etc/stayler/worker.env")
    file(INSTALL "${sources}/worker/worker.env" DESTINATION /etc/stayler PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ)
  endif()
endfunction()

function(install_change_logs)
  execute_process(COMMAND date -u -R -d @${STAYLER_COMMIT_TIME}
    OUTPUT_VARIABLE date OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  file(WRITE "${made}/changelog" "stayler (${VERSION}) unstable; urgency=medium

  * What is new: /usr/share/doc/${PACKAGE}/CHANGELOG.md.gz

 -- The Stayler Worker authors <stayler-worker@stayler.invalid>  ${date}
")
  install_compressed("${made}/changelog" "share/doc/${PACKAGE}" changelog)
  install_compressed("${SOURCE_DIR}/CHANGELOG.md" "share/doc/${PACKAGE}" CHANGELOG.md)
endfunction()

function(install_contents_list)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env SOURCE_DATE_EPOCH=${STAYLER_COMMIT_TIME}
      "${sources}/list-contents" ${PACKAGE} ${VERSION} "${root}" "${SOURCE_DIR}/web/package-lock.json" ${ARGN}
    OUTPUT_FILE "${made}/${PACKAGE}.spdx.json" COMMAND_ERROR_IS_FATAL ANY)
  file(INSTALL "${made}/${PACKAGE}.spdx.json" DESTINATION "${CMAKE_INSTALL_PREFIX}/share/doc/${PACKAGE}" PERMISSIONS ${readable})
endfunction()

if(COMPONENT STREQUAL worker)
  install_unit(stayler-worker.service)
  install_unit(stayler-node@.service)
  install_settings()
  install_manual("${root}/bin/stayler-worker" 8)
  install_contents_list(bin/stayler-worker libexec/stayler/stayler-codec)
elseif(COMPONENT STREQUAL gemini-sim)
  install_manual("${root}/bin/gemini-sim" 1)
  install_contents_list(bin/gemini-sim)
else()
  # Its manual page is what the program itself prints, and is installed with it.
  set(page "${root}/share/man/man1/stayler.1")
  if(EXISTS "${page}")
    execute_process(COMMAND gzip -9 -n -f "${page}" COMMAND_ERROR_IS_FATAL ANY)
  endif()
  install_contents_list(bin/stayler)
endif()
install_change_logs()
