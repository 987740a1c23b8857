# What `cmake --install` adds beside the libraries and tools: the headers,
# written and generated, the .td files, and the package for find_package(Rope).
include(CMakePackageConfigHelpers)

set(ROPE_INSTALL_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/Rope)
get_property(ROPE_LIBRARIES GLOBAL PROPERTY ROPE_LIBRARIES)
list(TRANSFORM ROPE_LIBRARIES PREPEND Rope::)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/Rope
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h" PATTERN "*.td")
install(DIRECTORY ${PROJECT_BINARY_DIR}/include/Rope
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.inc" PATTERN "CMakeFiles" EXCLUDE)

install(EXPORT RopeTargets NAMESPACE Rope::
  DESTINATION ${ROPE_INSTALL_CMAKE_DIR})
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/RopeConfig.cmake.in
  ${PROJECT_BINARY_DIR}/RopeConfig.cmake
  INSTALL_DESTINATION ${ROPE_INSTALL_CMAKE_DIR})
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/RopeConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/RopeConfig.cmake
  ${PROJECT_BINARY_DIR}/RopeConfigVersion.cmake
  DESTINATION ${ROPE_INSTALL_CMAKE_DIR})
