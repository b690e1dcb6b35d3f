# sp_module(NAME base SOURCES … [DEPS …] [PRIVATE_DEPS …] [TESTS …] [TEST_DEPS …] [IN_JOBS])
#   makes streampark_<name> (alias sp::<name>) with include/ as its public face and, from TESTS,
#   one binary streampark_<name>_test with the ctest label "unit". A module is built when a program needs it.
#   IN_JOBS: job libraries are linked from it too, so that it is in the SDK.
function(sp_module)
  cmake_parse_arguments(M "IN_JOBS" "NAME" "SOURCES;DEPS;PRIVATE_DEPS;TESTS;TEST_DEPS" ${ARGN})
  if(M_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "sp_module(${M_NAME}): unknown arguments ${M_UNPARSED_ARGUMENTS}")
  endif()
  set(target streampark_${M_NAME})
  add_library(${target} STATIC EXCLUDE_FROM_ALL ${M_SOURCES})
  add_library(sp::${M_NAME} ALIAS ${target})
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ${M_IN_JOBS})
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>
                             PRIVATE src)
  target_link_libraries(${target} PUBLIC ${M_DEPS} PRIVATE $<BUILD_INTERFACE:sp_options> ${M_PRIVATE_DEPS})
  if(M_IN_JOBS)
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${M_NAME})
    set_property(GLOBAL APPEND PROPERTY SP_SDK_LIBRARIES ${target})
    install(TARGETS ${target} EXPORT StreamParkTargets ARCHIVE DESTINATION lib COMPONENT sdk)
    install(DIRECTORY include/ DESTINATION include COMPONENT sdk)
  endif()
  if(BUILD_TESTING AND M_TESTS)
    add_executable(${target}_test ${M_TESTS})
    # Each test file has fakes of its own under plain names; joining them would make the names collide.
    set_target_properties(${target}_test PROPERTIES UNITY_BUILD OFF)
    target_include_directories(${target}_test PRIVATE src)
    target_link_libraries(${target}_test PRIVATE ${target} sp_options ${M_PRIVATE_DEPS} ${M_TEST_DEPS}
                                                 GTest::gtest GTest::gmock GTest::gtest_main)
    add_test(NAME ${M_NAME} COMMAND ${target}_test --gtest_output=xml:${PROJECT_BINARY_DIR}/test-results/${M_NAME}.xml)
    set_tests_properties(${M_NAME} PROPERTIES LABELS unit TIMEOUT 300)
  endif()
endfunction()
