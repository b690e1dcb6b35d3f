# All outside libraries, in one place; docs/adr/0003-libraries.md says why each one.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(SQLite3 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(LibArchive REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
# The system's own Python, which has python3-yaml; not whatever stands first on somebody's PATH.
if(NOT Python3_EXECUTABLE AND EXISTS /usr/bin/python3)
  set(Python3_EXECUTABLE /usr/bin/python3)
endif()
find_package(Python3 REQUIRED COMPONENTS Interpreter)
if(BUILD_TESTING)
  find_package(GTest REQUIRED)
endif()

find_library(ARGON2_LIBRARY argon2 REQUIRED)
add_library(sp_argon2 INTERFACE)
target_link_libraries(sp_argon2 INTERFACE ${ARGON2_LIBRARY})

find_path(XXHASH_INCLUDE xxhash.h REQUIRED)

# Apache Arrow with Parquet, where the set-up has put it; formats/parquet alone uses it (docs/adr/0031-parquet.md).
file(STRINGS ${PROJECT_SOURCE_DIR}/tools/python/arrow.txt arrow_pin REGEX "^pyarrow==")
string(REGEX REPLACE "^pyarrow==([0-9.]+) .*" "\\1" arrow_version "${arrow_pin}")
if(DEFINED ENV{STREAMPARK_CACHE})
  set(ARROW_HOME $ENV{STREAMPARK_CACHE}/arrow/${arrow_version})
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(ARROW_HOME $ENV{XDG_CACHE_HOME}/streampark/arrow/${arrow_version})
else()
  set(ARROW_HOME $ENV{HOME}/.cache/streampark/arrow/${arrow_version})
endif()
file(GLOB ARROW_LIBRARIES ${ARROW_HOME}/lib/libparquet.so.* ${ARROW_HOME}/lib/libarrow.so.*)
if(NOT ARROW_LIBRARIES)
  message(FATAL_ERROR "There is no Apache Arrow ${arrow_version} in ${ARROW_HOME}: `./sp build` fetches it")
endif()

# Client libraries of databases: their headers alone (docs/adr/0024-databases.md).
find_path(LIBPQ_INCLUDE libpq-fe.h PATH_SUFFIXES postgresql REQUIRED)
find_path(LIBMARIADB_INCLUDE mysql.h PATH_SUFFIXES mariadb REQUIRED)
# The headers alone: the library is loaded when it is needed (docs/adr/0018-kafka.md).
find_path(LIBRDKAFKA_HEADERS librdkafka/rdkafka.h REQUIRED)
add_library(sp_librdkafka INTERFACE)
target_include_directories(sp_librdkafka SYSTEM INTERFACE ${LIBRDKAFKA_HEADERS})
