# Everything comes from Debian's packages (scripts/setup installs them). Packages are looked up by
# what they offer, so that the file names of one release are not wired in.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED CONFIG COMPONENTS url)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp REQUIRED CONFIG)

add_library(stayler_boost INTERFACE)
target_link_libraries(stayler_boost INTERFACE Boost::headers Threads::Threads)

find_path(SIMDJSON_INCLUDE_DIR simdjson.h REQUIRED)
find_library(SIMDJSON_LIBRARY simdjson REQUIRED)
add_library(stayler_simdjson INTERFACE)
target_include_directories(stayler_simdjson SYSTEM INTERFACE ${SIMDJSON_INCLUDE_DIR})
target_link_libraries(stayler_simdjson INTERFACE ${SIMDJSON_LIBRARY})

pkg_search_module(MAGICKXX REQUIRED IMPORTED_TARGET Magick++-7.Q16 Magick++-7.Q16HDRI Magick++-6.Q16 Magick++)
add_library(stayler_magick INTERFACE)
target_link_libraries(stayler_magick INTERFACE PkgConfig::MAGICKXX)

pkg_check_modules(LCMS2 REQUIRED IMPORTED_TARGET lcms2)
pkg_check_modules(LIBHEIF REQUIRED IMPORTED_TARGET libheif)
pkg_check_modules(LIBJPEG REQUIRED IMPORTED_TARGET libjpeg)
pkg_check_modules(LIBPNG REQUIRED IMPORTED_TARGET libpng)
pkg_check_modules(LIBWEBP REQUIRED IMPORTED_TARGET libwebp libwebpdemux)
pkg_check_modules(TURBOJPEG REQUIRED IMPORTED_TARGET libturbojpeg)

# The command line: its grammar and its profiles.
find_package(CLI11 REQUIRED)
pkg_check_modules(TOMLPLUSPLUS REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(LIBARCHIVE REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(NCURSESW REQUIRED IMPORTED_TARGET ncursesw)

pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules(LIBPQ REQUIRED IMPORTED_TARGET libpq)

# What some packages add, their headers do without, and a target with flags of its own cannot use the precompiled
# headers.
foreach(package MAGICKXX LCMS2 LIBHEIF LIBJPEG LIBPNG LIBWEBP TURBOJPEG HIREDIS LIBPQ TOMLPLUSPLUS LIBARCHIVE NCURSESW)
  if(NOT TARGET PkgConfig::${package})
    continue()
  endif()
  get_target_property(options PkgConfig::${package} INTERFACE_COMPILE_OPTIONS)
  if(options)
    list(REMOVE_ITEM options -fopenmp -pthread -D_FILE_OFFSET_BITS=64 -D_DEFAULT_SOURCE -D_XOPEN_SOURCE=600)
    set_target_properties(PkgConfig::${package} PROPERTIES INTERFACE_COMPILE_OPTIONS "${options}")
  endif()
endforeach()

if(STAYLER_WITH_CAF)
  find_path(CAF_INCLUDE_DIR caf/all.hpp REQUIRED)
  find_library(CAF_CORE_LIBRARY caf_core REQUIRED)
  find_library(CAF_IO_LIBRARY caf_io REQUIRED)
  find_library(CAF_OPENSSL_LIBRARY caf_openssl REQUIRED)
  add_library(stayler_caf INTERFACE)
  target_include_directories(stayler_caf SYSTEM INTERFACE ${CAF_INCLUDE_DIR})
  target_link_libraries(stayler_caf INTERFACE ${CAF_IO_LIBRARY} ${CAF_CORE_LIBRARY} Threads::Threads)
  # Only who opens or joins a port for nodes links it.
  add_library(stayler_caf_openssl INTERFACE)
  target_link_libraries(stayler_caf_openssl INTERFACE ${CAF_OPENSSL_LIBRARY} stayler_caf)
endif()

# Catch2 2 ships one header, Catch2 3 a library; tests/support/catch.hpp hides the difference.
find_package(Catch2 REQUIRED)
# Tests read the API's contract with it.
pkg_check_modules(YAMLCPP REQUIRED IMPORTED_TARGET yaml-cpp)
