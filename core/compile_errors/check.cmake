# cmake -DCOMPILER=… -DINCLUDES=a,b -DSOURCE=mistakes.cc -P check.cmake
# Compiles SOURCE, which must fail, and demands the text of each `// expect:` line in it.
string(REPLACE "," ";" folders "${INCLUDES}")
list(TRANSFORM folders PREPEND "-I")
execute_process(
  COMMAND "${COMPILER}" -std=c++20 -fsyntax-only ${folders} "${SOURCE}"
  RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(result EQUAL 0)
  message(FATAL_ERROR "${SOURCE} compiles, and is full of mistakes")
endif()
file(STRINGS "${SOURCE}" lines ENCODING UTF-8 REGEX "// expect: ")
set(missing "")
foreach(line IN LISTS lines)
  string(REGEX REPLACE ".*// expect: " "" expected "${line}")
  string(FIND "${said}" "${expected}" place)
  if(place EQUAL -1)
    string(APPEND missing "\n  ${expected}")
  endif()
endforeach()
list(LENGTH lines count)
if(NOT missing STREQUAL "" OR count EQUAL 0)
  message(FATAL_ERROR "of ${count} mistakes the compiler does not name:${missing}\nIt said:\n${said}")
endif()
