# sp_slices(accounts jobs …): reads sources_<slice>.cmake beside the caller, each of which may set
# <slice>_sources, _tests, _deps, _private_deps and _test_deps, and joins them in slice_sources, slice_tests, …
macro(sp_slices)
  foreach(list sources tests deps private_deps test_deps)
    set(slice_${list})
  endforeach()
  foreach(slice ${ARGN})
    include(${CMAKE_CURRENT_SOURCE_DIR}/sources_${slice}.cmake)
    foreach(list sources tests deps private_deps test_deps)
      list(APPEND slice_${list} ${${slice}_${list}})
    endforeach()
  endforeach()
endmacro()
