/* Asks for an internet socket by the 32-bit interface, from a 64-bit program. */
#include <stdio.h>

int main(void) {
#ifdef __x86_64__
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(359), "b"(2), "c"(1), "d"(0) : "memory");
    printf("got %ld\n", result);
#endif
    return 0;
}
