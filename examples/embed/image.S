/* Compiled kernels inside of an object: cc -DIMAGE='"rotate.ptx"' -c image.S */
    .section .rodata
    .globl rotate_image, rotate_image_end
    .balign 16
rotate_image:
    .incbin IMAGE
rotate_image_end:
    /* PTX is text that ends in a zero. */
    .byte 0
    .section .note.GNU-stack,"",%progbits
