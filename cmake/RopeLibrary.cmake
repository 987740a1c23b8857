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

# What brings MLIR and LLVM: the two shared libraries, but not to targets with the
# property ROPE_STATIC_UPSTREAM, which link the archives themselves. A mix of both
# would duplicate every TypeID.
set(ROPE_UPSTREAM
  "$<$<NOT:$<BOOL:$<TARGET_PROPERTY:ROPE_STATIC_UPSTREAM>>>:MLIR;LLVM>")

# rope_add_library(NAME SOURCES... [DEPENDS targets...] [LINK_LIBS targets...])
#
# A static library of this project, installed and exported as Rope::NAME.
function(rope_add_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK_LIBS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  add_library(Rope::${name} ALIAS ${name})
  target_link_libraries(${name} PUBLIC ${ARG_LINK_LIBS} ${ROPE_UPSTREAM})
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

# rope_link_archives(NAME)
#
# Links a program to the archives of MLIR and LLVM. It starts in a third of the time,
# for which nearly 50000 symbols are looked up otherwise, and its calls are direct;
# but it cannot load plugins, which bring the shared libraries. The archives come by
# their files, because the targets of MLIR's bring the shared LLVM.
function(rope_link_archives name)
  if(NOT TARGET ZLIB::ZLIB OR NOT TARGET zstd::libzstd_shared)
    message(FATAL_ERROR "zlib or zstd, which the archives of LLVM call, not found: "
      "install their headers (zlib1g-dev, libzstd-dev; scripts/setup.sh does) or set "
      "ROPE_STATIC_TOOLS to OFF")
  endif()
  get_property(libraries GLOBAL PROPERTY MLIR_ALL_LIBS)
  list(APPEND libraries ${LLVM_AVAILABLE_LIBS})
  list(FILTER libraries INCLUDE REGEX "^(MLIR|LLVM)")
  foreach(library IN LISTS libraries)
    if(TARGET ${library})
      get_target_property(type ${library} TYPE)
      if(type STREQUAL STATIC_LIBRARY)
        list(APPEND archives $<TARGET_FILE:${library}>)
      endif()
    endif()
  endforeach()
  set_target_properties(${name} PROPERTIES ROPE_STATIC_UPSTREAM ON)
  target_link_libraries(${name} PRIVATE
    -Wl,--start-group ${archives} -Wl,--end-group
    ZLIB::ZLIB zstd::libzstd_shared ${CMAKE_DL_LIBS})
  target_link_options(${name} PRIVATE -Wl,--gc-sections
    $<$<CONFIG:Release>:-s>)
endfunction()

# rope_add_tool(NAME SOURCES... [LOADS_PLUGINS] [LINK_LIBS targets...])
#
# A command line tool, installed beside its fellows. One that loads plugins links the
# shared MLIR and LLVM, as these do; others link the archives.
function(rope_add_tool name)
  cmake_parse_arguments(ARG "LOADS_PLUGINS" "" "LINK_LIBS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS} ${ROPE_UPSTREAM})
  if(ROPE_STATIC_TOOLS AND NOT ARG_LOADS_PLUGINS)
    rope_link_archives(${name})
  endif()
  set_property(GLOBAL APPEND PROPERTY ROPE_TOOLS ${name})
  install(TARGETS ${name} EXPORT RopeTargets
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()
