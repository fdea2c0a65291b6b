/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-only */
/*
 * The contract between a capture program and the filter that the library puts into it.
 *
 * A program that can be filtered contains the instruction "r0 = XDPDROP_FILTER_MARK" once. Left
 * alone it means that every frame matches. The library replaces it by a jump to generated code
 * that it appends to the program, and that code jumps back; it behaves like a call:
 *
 *	r1	XDP: the context		elsewhere: kernel address of the frame's bytes
 *	r2	length of the whole frame
 *	r3	XDPDROP_FILTER_SCRATCH bytes	elsewhere: XDPDROP_FILTER_SCRATCH_COPY bytes
 *		of stack, aligned to 8
 *	r4					elsewhere: number of bytes at r1
 *	r0	result: 0, or not 0 for a frame that matches
 *
 * r1..r9 are clobbered: a program saves fewer registers than a filter uses.
 */
#ifndef XDPDROP_FILTER_CALL_H
#define XDPDROP_FILTER_CALL_H

#define XDPDROP_FILTER_MARK 0x78647066 /* "xdpf" */
#define XDPDROP_FILTER_SCRATCH 88
#define XDPDROP_FILTER_SCRATCH_COPY 160 /* and room for a copy of the frame's head */

#endif
