# rope_add_library(NAME SOURCES... [DEPENDS targets...] [LINK_LIBS targets...])
#
# A static library of this project. MLIR and LLVM come only as the two shared
# libraries: a mix with the static archives would duplicate every TypeID. The
# library is installed and exported as Rope::NAME.
function(rope_add_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK_LIBS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  add_library(Rope::${name} ALIAS ${name})
  target_link_libraries(${name} PUBLIC ${ARG_LINK_LIBS} MLIR LLVM)
  target_compile_features(${name} PUBLIC cxx_std_17)
  target_include_directories(${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  # Generated headers first: every library may include the dialect's.
  add_dependencies(${name} rope-headers ${ARG_DEPENDS})
  set_property(GLOBAL APPEND PROPERTY ROPE_LIBRARIES ${name})
  install(TARGETS ${name} EXPORT RopeTargets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
endfunction()

# rope_add_tool(NAME SOURCES... [LINK_LIBS targets...])
#
# A command line tool, installed beside its fellows.
function(rope_add_tool name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS} MLIR LLVM)
  set_property(GLOBAL APPEND PROPERTY ROPE_TOOLS ${name})
  install(TARGETS ${name} EXPORT RopeTargets
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()
