# streampark_add_job(NAME SOURCES…): lib<NAME>.so, a job library for `streampark run`. One of the sources has SP_JOB.
#   The core is linked in whole and shows nothing but the job's one function, so that two jobs in a process, or a job and the program
#   that runs it, never meet in each other's code.
set(STREAMPARK_JOB_SYMBOLS ${CMAKE_CURRENT_LIST_DIR}/job_symbols.map)

function(streampark_add_job name)
  add_library(${name} MODULE ${ARGN})
  set_target_properties(${name} PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON UNITY_BUILD OFF)
  target_compile_options(${name} PRIVATE -fno-gnu-unique)
  target_link_libraries(${name} PRIVATE sp::core)
  target_link_options(${name} PRIVATE -Wl,--version-script=${STREAMPARK_JOB_SYMBOLS} -Wl,-z,defs)
endfunction()
