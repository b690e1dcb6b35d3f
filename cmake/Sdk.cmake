# What authors of jobs and connectors build against, as a CMake package: `cmake --install build/X --component sdk`,
# after the target `sdk`. The modules with IN_JOBS are in it (StreamparkModule.cmake), and the program.
include(CMakePackageConfigHelpers)
set(package lib/cmake/StreamPark)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/StreamParkConfig.cmake.in ${PROJECT_BINARY_DIR}/StreamParkConfig.cmake
                              INSTALL_DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/StreamParkConfigVersion.cmake COMPATIBILITY ExactVersion)
install(FILES ${PROJECT_BINARY_DIR}/StreamParkConfig.cmake ${PROJECT_BINARY_DIR}/StreamParkConfigVersion.cmake
              ${CMAKE_CURRENT_LIST_DIR}/StreamparkLibraries.cmake ${CMAKE_CURRENT_LIST_DIR}/library_symbols.map
        DESTINATION ${package} COMPONENT sdk)
install(EXPORT StreamParkTargets NAMESPACE sp:: DESTINATION ${package} COMPONENT sdk)
install(TARGETS streampark RUNTIME DESTINATION bin COMPONENT sdk)
install(FILES ${SP_GENERATED_DIR}/streampark/base/error_codes.h DESTINATION include/streampark/base COMPONENT sdk)

get_property(libraries GLOBAL PROPERTY SP_SDK_LIBRARIES)
add_custom_target(sdk DEPENDS streampark ${libraries})
