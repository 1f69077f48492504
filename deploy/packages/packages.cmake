# Packages by CPack, one a component. Reproducible where SOURCE_DATE_EPOCH is set, which scripts/package does.
set(CPACK_GENERATOR DEB)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_COMPONENTS_ALL ${STAYLER_COMPONENTS})
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
# Whatever the umask of who makes them.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_PACKAGE_NAME stayler)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The Stayler Worker authors <stayler-worker@stayler.invalid>")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_WORKER_PACKAGE_NAME stayler-worker)
set(CPACK_DEBIAN_WORKER_PACKAGE_SECTION net)
set(CPACK_DEBIAN_WORKER_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_WORKER_PACKAGE_SUGGESTS "redis-server, postgresql, gemini-sim, stayler-cli")
set(CPACK_COMPONENT_WORKER_DESCRIPTION "background jobs of virtual try-on conversions
The service fetches a user's photo and the photo of a garment, asks Google's
Gemini image API for a picture of the user wearing the garment, checks it,
stores it with a thumbnail and notifies the application.
.
With units for systemd: the service, and worker nodes that join it from other
hosts.")
set(scripts ${CMAKE_CURRENT_LIST_DIR}/worker)
set(CPACK_DEBIAN_WORKER_PACKAGE_CONTROL_EXTRA
  "${scripts}/postinst;${scripts}/prerm;${scripts}/postrm;${scripts}/conffiles")

set(CPACK_DEBIAN_GEMINI-SIM_PACKAGE_NAME gemini-sim)
set(CPACK_DEBIAN_GEMINI-SIM_PACKAGE_SECTION devel)
set(CPACK_COMPONENT_GEMINI-SIM_DESCRIPTION "local stand-in for the Gemini image API
It speaks the API's wire format, really makes pictures of the photos that it is
sent, and misbehaves on request: for tests without a key, cost or network.")

set(CPACK_DEBIAN_CLI_PACKAGE_NAME stayler-cli)
set(CPACK_DEBIAN_CLI_PACKAGE_SECTION net)
set(CPACK_DEBIAN_CLI_PACKAGE_SUGGESTS stayler-worker)
set(CPACK_COMPONENT_CLI_DESCRIPTION "command line for a Stayler worker
It submits conversions, follows and changes jobs, and shows how a
stayler-worker stands, over its HTTP API.")

# Read when the packages are made: what libheif decodes with is packages of their own since Debian 13.
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_CURRENT_LIST_DIR}/package_depends.cmake)
include(CPack)
