/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The kernel of rotate.mlir, embedded by image.S. */

#ifndef ROPE_EXAMPLES_EMBED_ROTATE_H
#define ROPE_EXAMPLES_EMBED_ROTATE_H

#include <stdint.h>

/* PTX or a cubin; a zero follows. */
extern const unsigned char rotate_image[], rotate_image_end[];

#define ROTATE_KERNEL "rotate"
enum {
  ROTATE_POSITIONS = 128,
  ROTATE_HEADS = 8,
  ROTATE_LANES = 64,
  /* Of gpu.launch_func: a block a position. */
  ROTATE_BLOCKS = 128,
  ROTATE_THREADS = 64,
  /* f32 in a unit, which a thread accesses at a time. */
  ROTATE_UNIT = 4
};

/* A buffer as a kernel takes it, five parameters (docs/GPU.md, "The interface
 * of a kernel"). The kernel takes x, cos and sin. */
struct rope_buffer {
  uint64_t allocated, first;
  int64_t offset, units, stride;
};

#endif /* ROPE_EXAMPLES_EMBED_ROTATE_H */
