# sp_fuzz(NAME SOURCES … DEPS … [DEFINITIONS …] [INCLUDES …]): a libFuzzer target streampark_fuzz_NAME, in the preset `fuzz` alone; its inputs
# so far are in tests/fuzz/NAME.tar.gz. `./sp fuzz` builds and runs them.
option(SP_FUZZ "Build fuzz targets; needs clang" OFF)

function(sp_fuzz name)
  cmake_parse_arguments(F "" "" "SOURCES;DEPS;DEFINITIONS;INCLUDES" ${ARGN})
  if(SP_FUZZ)
    add_executable(streampark_fuzz_${name} EXCLUDE_FROM_ALL ${F_SOURCES})
    target_compile_definitions(streampark_fuzz_${name} PRIVATE ${F_DEFINITIONS})
    target_include_directories(streampark_fuzz_${name} PRIVATE ${F_INCLUDES})
    target_link_options(streampark_fuzz_${name} PRIVATE -fsanitize=fuzzer)
    target_link_libraries(streampark_fuzz_${name} PRIVATE ${F_DEPS} sp_options)
    set_property(GLOBAL APPEND PROPERTY SP_FUZZ_TARGETS streampark_fuzz_${name})
  endif()
endfunction()
