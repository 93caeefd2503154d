/* What Qt's core asks of ICU, answered with little or "not supported": three libraries of 9 MB (38 with their data)
   become three of 14 kB. Qt has its own tables for upper case, line breaks, formats and encodings, and falls back on
   them. What is lost: Qt's own file chooser, where the desktop has none, sorts by code unit; time zones have no names in
   words; encodings beyond Unicode and Latin-1. The program asks for none of it: it sorts and reads files by itself.
   replace_icu compiles it with the version suffix of the ICU that Qt was linked to. */

#include <stddef.h>
#include <stdint.h>

#define JOIN(name, version) name##_##version
#define WITH(name, version) JOIN(name, version)
#define ICU(name) WITH(name, ICU_VERSION)
#define UNSUPPORTED 16 /* U_UNSUPPORTED_ERROR */

typedef uint16_t character; /* UChar */

/* Sorting: by code unit, whatever the language. */
static int the_collator;
void *ICU(ucol_open)(const char *locale, int *status) { return &the_collator; }
void ICU(ucol_close)(void *collator) {}
void ICU(ucol_setAttribute)(void *collator, int attribute, int value, int *status) {}
int ICU(ucol_strcoll)(const void *collator, const character *a, int32_t m, const character *b, int32_t n) {
  for (int32_t i = 0; i < m && i < n; i++)
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  return m == n ? 0 : m < n ? -1 : 1;
}
int32_t ICU(ucol_getSortKey)(const void *collator, const character *text, int32_t n, uint8_t *key, int32_t size) {
  for (int32_t i = 0; i < 2 * n && i < size; i++) key[i] = i % 2 ? text[i / 2] & 0xff : text[i / 2] >> 8;
  if (2 * n < size) key[2 * n] = 0;
  return 2 * n + 1;
}

/* Upper and lower case by language: Qt's own tables follow. */
static int32_t unchanged(int *status) {
  *status = UNSUPPORTED;
  return 0;
}
int32_t ICU(u_strToUpper)(character *to, int32_t m, const character *from, int32_t n, const char *locale, int *status) {
  return unchanged(status);
}
int32_t ICU(u_strToLower)(character *to, int32_t m, const character *from, int32_t n, const char *locale, int *status) {
  return unchanged(status);
}

/* Names of time zones. */
void *ICU(ucal_open)(const character *zone, int32_t n, const char *locale, int type, int *status) {
  *status = UNSUPPORTED;
  return NULL;
}
void ICU(ucal_close)(void *calendar) {}
int32_t ICU(ucal_getCanonicalTimeZoneID)(const character *id, int32_t n, character *to, int32_t m, int8_t *system,
                                         int *status) {
  return unchanged(status);
}
int32_t ICU(ucal_getTimeZoneDisplayName)(const void *c, int type, const char *locale, character *to, int32_t m,
                                         int *status) {
  return unchanged(status);
}

/* Encodings: there is no converter, so that hardly any of the others is ever called. */
void *ICU(ucnv_open)(const char *name, int *status) {
  *status = UNSUPPORTED;
  return NULL;
}
#define NOTHING(name) \
  void *ICU(name)(void) { return NULL; }
NOTHING(UCNV_FROM_U_CALLBACK_SUBSTITUTE)
NOTHING(UCNV_TO_U_CALLBACK_SUBSTITUTE)
NOTHING(ucnv_cbFromUWriteUChars)
NOTHING(ucnv_cbToUWriteUChars)
NOTHING(ucnv_close)
NOTHING(ucnv_countAvailable)
NOTHING(ucnv_fromUCountPending)
NOTHING(ucnv_fromUnicode)
NOTHING(ucnv_getAvailableName)
NOTHING(ucnv_getFromUCallBack)
NOTHING(ucnv_getMaxCharSize)
NOTHING(ucnv_getName)
NOTHING(ucnv_getStandardName)
NOTHING(ucnv_getToUCallBack)
NOTHING(ucnv_reset)
NOTHING(ucnv_setFromUCallBack)
NOTHING(ucnv_setToUCallBack)
NOTHING(ucnv_toUCountPending)
NOTHING(ucnv_toUnicode)
