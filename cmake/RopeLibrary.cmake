# Upstream headers that most files read, compiled once: two thirds of the time of
# a build would otherwise go to reading them again.
file(WRITE ${PROJECT_BINARY_DIR}/Upstream.cpp "")
add_library(rope-upstream-headers OBJECT ${PROJECT_BINARY_DIR}/Upstream.cpp)
target_compile_options(rope-upstream-headers PRIVATE
  $<$<COMPILE_LANG_AND_ID:CXX,Clang>:SHELL:-Xclang -fno-pch-timestamp>)
target_precompile_headers(rope-upstream-headers PRIVATE
  <mlir/Dialect/Affine/IR/AffineOps.h>
  <mlir/Dialect/Arith/IR/Arith.h>
  <mlir/Dialect/Func/IR/FuncOps.h>
  <mlir/Dialect/Linalg/IR/Linalg.h>
  <mlir/Dialect/MemRef/IR/MemRef.h>
  <mlir/Dialect/SCF/IR/SCF.h>
  <mlir/Dialect/Tensor/IR/Tensor.h>
  <mlir/IR/PatternMatch.h>
  <mlir/Pass/Pass.h>)

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
  target_precompile_headers(${name} REUSE_FROM rope-upstream-headers)
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
