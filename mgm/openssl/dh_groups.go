package openssl

// dhGroups are the well-known groups. modp_768 and modp_1024 are the first two
// of RFC 2409.
var dhGroups = [...]dhGroup{
	{"modp_768", true, "fdc5f19ec0558f8f4093e0cb0c272997ab74fcf20e9a45fa6cfec507cdc6aaf9"},
	{"modp_1024", true, "dea58b1ef7f9d2e98f4bbcf5e3b454414c6b1d9f7d62e412dafc1ef4b8c10fef"},
	{"modp_1536", true, "627ecd3ef5124eb304ba8e69d1df3149680c6341ec520f66b96f4534aac750ec"},
	{"modp_2048", true, "2fc9bd0c4df67174210802170247ad7f4f15cbdc55134dc6842e017f96d5bdd2"},
	{"modp_3072", true, "b2071e5e6331f6b5153cabfc9929fc2e0c8abca5334f6436985e00f040e752c1"},
	{"modp_4096", true, "6b78db830b1a15bd65d1fbc2df53d91900081efafe67a64d9c6f16af399d7216"},
	{"modp_6144", true, "65b5cf5b2ee4751f21eacd94655c327d7e4bf5b41663d6af376c124cc458be63"},
	{"modp_8192", true, "8447000d8369088197d6e27d9630ea4e174ec05ee72d0dba51a3f59d7c262daf"},
	{"ffdhe2048", true, "e26531d8a66b4ccf46fc0e186cd1d2c00fdf8caf2845d81ca7560e83d9c4ba97"},
	{"ffdhe3072", true, "e8833f920324ed526aa011c84d8dbeff48730bae1b5a55c2f120fe748c1aeba4"},
	{"ffdhe4096", true, "391291d29deeb18887faea5b30467982241f9908a6e6a5184e2822a728ade57c"},
	{"ffdhe6144", true, "8d164cfba559d401640e71c36523499f920fe8ba3792d7580c57d12026c4153b"},
	{"ffdhe8192", true, "06d4a57ac40cda75f53c2d746221ddf185712ed91f046d6e6457bb3d4fa6cd8d"},
	{"dh_1024_160", false, "1ae4ed2bc2108292085270803dfffe75f980ebd0870c52c6025bdc985ee2bfe4"},
	{"dh_2048_224", false, "ed0ec4d0428c89c0b6979b9b862ab94ea216f2107f3240e194acee4f2d3f2f5b"},
	{"dh_2048_256", false, "df303c5b91e7d03bba86d57b54750f389577815ae012f8c7f773a0a686e90559"},
}
