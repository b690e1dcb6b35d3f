# streampark_add_job(NAME SOURCES…): libNAME.so, a job library for `streampark run`. One of the sources has SP_JOB.
# streampark_add_connector(NAME SOURCES…): libNAME.so with connectors, for `--connectors`. One of the sources has SP_CONNECTOR_LIBRARY.
#   What it is linked from is in it whole, and it shows nothing but its one function, so that two libraries in a process, or a library and
#   the program, never meet in each other's code.
set(STREAMPARK_LIBRARY_SYMBOLS ${CMAKE_CURRENT_LIST_DIR}/library_symbols.map)

function(streampark_add_library name linked)
  add_library(${name} MODULE ${ARGN})
  set_target_properties(${name} PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON UNITY_BUILD OFF)
  target_compile_options(${name} PRIVATE -fno-gnu-unique)
  target_link_libraries(${name} PRIVATE ${linked})
  target_link_options(${name} PRIVATE -Wl,--version-script=${STREAMPARK_LIBRARY_SYMBOLS} -Wl,-z,defs)
endfunction()

function(streampark_add_job name)
  streampark_add_library(${name} sp::core ${ARGN})
endfunction()

function(streampark_add_connector name)
  streampark_add_library(${name} sp::connectors_abi ${ARGN})
endfunction()
