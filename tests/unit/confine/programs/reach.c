/* Tries TCP, UDP and several datagrams at once, and prints the error of each. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static struct sockaddr_in here(const char *port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int main(int count, char **ports) {
    (void)count;
    struct sockaddr_in tcp = here(ports[1]), udp = here(ports[2]);
    int stream = socket(AF_INET, SOCK_STREAM, 0), datagram = socket(AF_INET, SOCK_DGRAM, 0);
    errno = 0;
    connect(stream, (struct sockaddr *)&tcp, sizeof tcp);
    printf("tcp %d\n", errno);
    errno = 0;
    sendto(datagram, "x", 1, 0, (struct sockaddr *)&udp, sizeof udp);
    printf("udp %d\n", errno);
    struct iovec data = {.iov_base = "x", .iov_len = 1};
    struct mmsghdr messages[2];
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < 2; i++) {
        messages[i].msg_hdr.msg_name = &udp;
        messages[i].msg_hdr.msg_namelen = sizeof udp;
        messages[i].msg_hdr.msg_iov = &data;
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    errno = 0;
    sendmmsg(datagram, messages, 2, 0);
    printf("many %d\n", errno);
    return 0;
}
