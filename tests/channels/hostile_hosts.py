"""Hosts that no stranger may name, by every spelling that we know of, and the names that lead to them."""

import re


def table(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())


PUBLIC = ("8.8.8.8", "2606:4700::1111")
SPELLINGS_OF_LOOPBACK = table("""
    127.1 127.0.1 127.65535 127.16777214 0 00 0x0 0.0 0.0.0 000.000.000.000 2130706433 2130706434 6425673729
    0x7f000001 0X7F000001 0x00000000000000007f000001 0x7f.1 0x7f.0.1 0x7f.0x0.0x1 0x7f.0x0.0x0.0x1
    0x0000007f.1 7f000001 7f.0.0.1 0177.0.0.1 0177.1 0177.0.1 017700000001 0000177.0.0.01 0177.0x0.0.1
    127.0x0.00.1 127.000.000.001 127.0.0.01 0127.0.0.1 127.0.0.257 383.0.0.1 127.0.0.1.0 -127.0.0.1
    127.0.0.1. 127.1. 2130706433. 0x7f000001. 127.0.0.1.. .127.0.0.1 127..0.0.1 127。0。0。1 127．0．0．1
    127｡0｡0｡1 127。0．0｡1 127.0.0.1。 127·0·0·1 127،0،0،1 １２７.０.０.１ ①②⑦.⓪.⓪.① 𝟏𝟐𝟕.𝟎.𝟎.𝟏 𝟷𝟸𝟽.𝟶.𝟶.𝟷 ¹²⁷.⁰.⁰.¹
    ₁₂₇.₀.₀.₁ ⓵⓶⓻.⓿.⓿.⓵ ١٢٧.٠.٠.١ १२७.०.०.१ ۱۲۷.۰.۰.۱ ０ｘ7f.1 ②①③⓪⑦⓪⑥④③③ １２７。１ ⒈27.0.0.1 %31%32%37.0.0.1
    127%2e0%2e0%2e1 127.0.0.1%00 127.0.0.1%20 127.0.0.1%2523 %30 127.0.0.1%09.example 127.0.0.1%00.example
    127.0.0.1%0d%0a %5B::1%5D 127.0.0.1%1 127.0.0.1%lo 127\u00ad.0.0.1 127.0.0\u200b.1 127.0.0.1\u200d
    \u2060127.0.0.1 \ufeff127.0.0.1 127.0.0.1\ufe0f [127.0.0.1] [127.1] [2130706433] (127.0.0.1) {127.0.0.1}
    <127.0.0.1> "127.0.0.1"
""")
NAMES_OF_THIS_MACHINE = table("""
    localhost LOCALHOST LocalHost localhost. localhost.. .localhost foo.localhost localhost.localdomain
    localhost6 localhost6.localdomain6 ip6-localhost ip6-loopback ｌｏｃａｌｈｏｓｔ ⓛⓞⓒⓐⓛⓗⓞⓢⓣ ⓛocalhost 𝐥𝐨𝐜𝐚𝐥𝐡𝐨𝐬𝐭
    ˡocalhost ₗocalhost ⅼocalhost localho\u017ft lοcalhost lоcalhost lòcalhost local\u00adhost
    loc\u200balhost localhost。 ⒸⒶⒻⒺ.example %6c%6f%63alhost localhost%00 localhost%2eexample [localhost]
    xn--localhost- 127.0.0.1.nip.io 7f000001.nip.io localtest.me lvh.me 127-0-0-1.sslip.io www.127.0.0.1
    xn-- xn--a xn--80ak6aa92e.com a_b.example -a.example a-.example *.example a..example
""")
NAMES_OF_METADATA = table("""
    metadata metadata.google.internal metadata.google.internal. METADATA.GOOGLE.INTERNAL
    metadata.goog\u2113e.internal metadata。google。internal metadata.goog instance-data
    instance-data.ec2.internal metadata.azure.internal metadata.tencentyun.com metadata.platformequinix.com
    169.254.169.254.nip.io 169-254-169-254.sslip.io a9fea9fe.nip.io kubernetes.default.svc
    kubernetes.default.svc.cluster.local host.docker.internal gateway.docker.internal wpad
    host.containers.internal consul.service.consul redis postgres rabbitmq printer.local
""")
SPELLINGS_OF_METADATA = table("""
    2852039166 0xa9fea9fe 0xa9.0xfe.0xa9.0xfe 0251.0376.0251.0376 025177524776 169.254.43518 169.16689662
    0xa9.254.0251.254 １６９.２５４.１６９.２５４ ①⑥⑨.②⑤④.①⑥⑨.②⑤④ 169。254。169。254 169.254.169.254. 425.510.425.510
    7147006462 1684301000 0x64646464c8 100.100.25800 2818547472 0xa83f8110 168.63.33040 0250.077.0201.020
    169.254.169.254%00 169.254.169.254%2e 169.254.169.0376
""")
ADDRESSES_4 = table("""
    0.0.0.0 0.0.0.1 0.255.255.255 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255
    127.0.0.1 127.0.0.2 127.0.0.53 127.0.1.1 127.255.255.254 127.255.255.255 168.63.129.16 169.254.0.1
    169.254.0.23 169.254.42.42 169.254.169.123 169.254.169.253 169.254.169.254 169.254.170.2 169.254.170.23
    169.254.255.255 172.16.0.1 172.17.0.1 172.31.255.255 192.0.0.1 192.0.0.8 192.0.0.170 192.0.0.192
    192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1
    224.0.0.1 224.0.0.251 232.1.1.1 239.255.255.250 240.0.0.1 255.255.255.254 255.255.255.255
""")
_LOOPBACK_6 = table("""
    ::1 :: ::2 0:0:0:0:0:0:0:1 0000:0000:0000:0000:0000:0000:0000:0001 ::0001 0::1 ::0.0.0.1
    ::ffff:127.0.0.1 ::FFFF:127.0.0.1 ::ffff:7f00:1 0:0:0:0:0:ffff:127.0.0.1 ::ffff:0.0.0.0 ::ffff:10.0.0.1
    ::ffff:192.168.0.1 ::ffff:169.254.169.254 ::ffff:a9fe:a9fe ::ffff:100.100.100.200 ::ffff:0:127.0.0.1
    ::ffff:0:7f00:1 ::127.0.0.1 ::7f00:1 ::10.0.0.1 ::169.254.169.254
""")
_TUNNELS = table("""
    64:ff9b::127.0.0.1 64:ff9b::7f00:1 64:ff9b::10.0.0.1 64:ff9b::169.254.169.254 64:ff9b::a9fe:a9fe
    64:ff9b:1::127.0.0.1 64:ff9b:1:a9fe:a9:fe00:: 64:ff9b:1:ffff::a9fe:a9fe 64:ff9b:0:0:1::7f00:1
    2002:7f00:1:: 2002:7f00:1::1 2002:a9fe:a9fe:: 2002:a00:1::1 2002:c0a8:1::1 2002:6464:64c8::1 2001::1
    2001:0:7f00:1:: 2001:0:a9fe:a9fe::1 2001:0:4136:e378:8000:63bf:80ff:fffe fe80::5efe:127.0.0.1
    fe80::200:5efe:10.0.0.1 fd00::5efe:10.0.0.1 fec0::5efe:192.168.0.1 2606:4700::5efe:127.0.0.1
    2606:4700::200:5efe:10.0.0.1 2a00:1450:4001:830:0:5efe:a9fe:a9fe
""")
_NETWORKS_6 = table("""
    fc00::1 fd00::1 fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff fd00:ec2::254 fd00:ec2::23 fd00:ec2::253
    fd20:ce::254 fd00:c1::a9fe:a9fe fd00:42::42 fd00:a9fe:a9fe::1 fe80::1 fe80::a9fe:a9fe febf::1 fec0::1
    feff::1 fec0:0:0:ffff::1 ff01::1 ff02::1 ff02::2 ff02::fb ff05::2 ff0e::1 2001:db8::1 3fff::1
    3fff:fff::1 100::1 100:0:0:1::1 2001:1::1 2001:2::1 2001:3::1 2001:4:112::1 2001:10::1 2001:20::1
    2001:30::1 5f00::1 4000::1 8000::1 e000::1 200::1 400::1 1::1 1000::1 fe00::1
""")
ADDRESSES_6 = (*_LOOPBACK_6, *_TUNNELS, *_NETWORKS_6)
ODD_LITERALS_6 = table("""
    [::1%25lo] [::1%lo] [::1%251] [::1%25] [fe80::1%25lo] [fe80::1%lo] [fe80::1%251] [fe80::1%1]
    [::ffff:127.0.0.1%25lo] [::1.] [::1]x x[::1] [[::1]] [::1%00] [v1.x] [::１] [::①] [::ffff:127.1]
    [::ffff:0x7f.1] [::ffff:0177.0.0.1] [::01.0.0.127] ::1 0::1 [] [::1 ::1] [::ffff:127。0。0。1]
    [::ffff:١٢٧.٠.٠.١] [0:0:0:0:0:0:0:0:1] [:1] [1] [2606:4700::1111%lo]
    [2606:4700::1111%25lo] [2606:4700::1111%1] [64:ff9b::7f00:1%lo]
""")
WRONG_PORTS = table("""
    22 25 53 21 23 110 111 135 139 143 389 445 465 587 873 993 1 81 2049 2375 2379 3306 3389 5432 5672 5984
    6379 6443 8000 8081 8444 9000 9090 9200 9300 10250 11211 15672 27017 50070 65535 0 65536 -1 +22 022
    00022 0x16 22.0 2_2 ٢٢ ２２ ²² 22%00 65558 4294967318 22:80
""")
LISTENED = tuple(
    {80, 443, 8080, 8443}
    | {int(each) for each in WRONG_PORTS if re.fullmatch(r"[1-9]\d{0,4}", each, re.ASCII)} - {65536, 65558}
)
