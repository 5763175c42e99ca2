/* fuzz.h: what a fuzz target defines. A target aborts
 * where the code under test breaks a promise. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <glib.h>

int LLVMFuzzerTestOneInput (const uint8_t * data, size_t size);
