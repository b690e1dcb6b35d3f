# cmake -DBUILD=… -DFOLDER=… -P check.cmake: the SDK is installed, `streampark new` makes a project with it that builds and tests
# itself, a connector is built apart from all of it, and the two run together.
function(run)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${FOLDER} RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(failed)
    message(FATAL_ERROR "${ARGN}\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})
run(${CMAKE_COMMAND} --install ${BUILD} --component sdk --prefix ${FOLDER}/sdk)
set(streampark ${FOLDER}/sdk/bin/streampark)
run(${streampark} new carrier-delays --directory ${FOLDER}/project)
run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/tally -B ${FOLDER}/tally -DCMAKE_PREFIX_PATH=${FOLDER}/sdk)
run(${CMAKE_COMMAND} --build ${FOLDER}/tally)

file(WRITE ${FOLDER}/application.yml "
generator.source.flights: {rows: 7200, fields.carrier: {kind: choice, values: 'AA,UA'}, fields.scheduled: {start: '2026-01-01 00:00:00', step: 5s}}
tally.sink.delays.file: ${FOLDER}/rows
")
run(${streampark} run ${FOLDER}/project/build/libcarrier_delays.so --connectors ${FOLDER}/tally/libtally.so)
file(READ ${FOLDER}/rows rows)
if(NOT rows STREQUAL "20")  # ten hours of two carriers
  message(FATAL_ERROR "the tally is ${rows}")
endif()
