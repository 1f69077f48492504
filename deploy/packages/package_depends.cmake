# dpkg-shlibdeps sees what programs are linked with, not what libheif loads by itself.
execute_process(COMMAND dpkg-query -W -f "\${Package}\n" libheif-plugin-libde265 libheif-plugin-dav1d
  OUTPUT_VARIABLE plugins ERROR_QUIET)
string(STRIP "${plugins}" plugins)
if(plugins)
  string(REPLACE "\n" ", " plugins "${plugins}")
  set(CPACK_DEBIAN_WORKER_PACKAGE_DEPENDS "${plugins}")
endif()
