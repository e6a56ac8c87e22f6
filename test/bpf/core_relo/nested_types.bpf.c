// SPDX-License-Identifier: GPL-2.0
/*
 * A few types that take 2^28 steps to compare with themselves, each being compared twice within
 * the next. The test hands over the BTF of this object as that of the kernel.
 */
#include "core_relo.h"

#define TWICE(outer, inner) typedef int (*outer)(inner, inner)

typedef int (*type_0)(int);
TWICE(type_1, type_0);
TWICE(type_2, type_1);
TWICE(type_3, type_2);
TWICE(type_4, type_3);
TWICE(type_5, type_4);
TWICE(type_6, type_5);
TWICE(type_7, type_6);
TWICE(type_8, type_7);
TWICE(type_9, type_8);
TWICE(type_10, type_9);
TWICE(type_11, type_10);
TWICE(type_12, type_11);
TWICE(type_13, type_12);
TWICE(type_14, type_13);
TWICE(type_15, type_14);
TWICE(type_16, type_15);
TWICE(type_17, type_16);
TWICE(type_18, type_17);
TWICE(type_19, type_18);
TWICE(type_20, type_19);
TWICE(type_21, type_20);
TWICE(type_22, type_21);
TWICE(type_23, type_22);
TWICE(type_24, type_23);
TWICE(type_25, type_24);
TWICE(type_26, type_25);
TWICE(type_27, type_26);
TWICE(type_28, type_27);

/* One program each: the test makes the other record void. */
TYPE_EXISTS(exists, type_28)
TYPE_MATCHES(matches, type_28)
/* Not too deep. */
TYPE_EXISTS(exists_10, type_10)
TYPE_MATCHES(matches_10, type_10)
