# Compiler flags, cache and linker. Nothing here is needed by a reader of the code.
option(SP_WERROR "Treat warnings as errors" OFF)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # The base directory makes two clones, and two build folders, share their cache entries.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=time_macros,include_file_mtime,include_file_ctime ${CCACHE_PROGRAM})
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

# What a check says of its place does not depend on where the clone lies, and neither does the cache's key.
add_compile_options(-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)

set(CMAKE_UNITY_BUILD_BATCH_SIZE 8)

add_library(sp_options INTERFACE)
target_compile_options(sp_options INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers
                                            -Wno-maybe-uninitialized)  # g++ 12 sees ghosts in std::variant
if(CMAKE_UNITY_BUILD)
  # Members of types that a .cc file keeps to itself: right there, a warning only because files are joined.
  target_compile_options(sp_options INTERFACE -Wno-subobject-linkage)
endif()
if(SP_WERROR)
  target_compile_options(sp_options INTERFACE -Werror)
endif()
target_compile_definitions(sp_options INTERFACE BOOST_ASIO_NO_DEPRECATED)
