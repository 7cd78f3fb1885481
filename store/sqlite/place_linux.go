package sqlite

import (
	"fmt"
	"syscall"
)

// shares are file systems (statfs(2), f_type) on which SQLite's locks, shared memory or syncs cannot be relied on. FUSE is among them: what is
// behind it is unknown.
var shares = map[uint32]string{
	0x6969:     "NFS",
	0x517B:     "SMB",
	0xFF534D42: "CIFS",
	0xFE534D42: "SMB2",
	0x65735546: "FUSE",
	0x01021997: "9P",
	0x00C36400: "Ceph",
	0x0BD00BD0: "Lustre",
	0x47504653: "GPFS",
	0x5346414F: "AFS",
	0x6B414653: "AFS",
	0x73757245: "Coda",
	0x564C:     "NCP",
	0x7461636F: "OCFS2",
	0x01161970: "GFS2",
	0x786F4256: "VirtualBox share",
	0x19830326: "BeeGFS",
}

// statfs is the system's; a test puts another in its place.
var statfs = syscall.Statfs

// networkShare answers the name of the network file system that dir is on, "" if it is on none.
func networkShare(dir string) (string, error) {
	var st syscall.Statfs_t
	if err := statfs(dir, &st); err != nil {
		return "", fmt.Errorf("statfs: %w", err)
	}
	return shares[uint32(st.Type)], nil
}
