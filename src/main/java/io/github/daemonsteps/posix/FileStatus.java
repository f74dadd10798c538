package io.github.daemonsteps.posix;

/**
 * The status of a file, see stat(3type).
 *
 * @param dev the device that contains the file
 * @param ino the inode number on that device
 * @param type the type of the file
 * @param permissions the permission bits
 * @param nlink the number of hard links
 * @param uid the owner
 * @param gid the group
 * @param rdev the device that the file represents, if the file is a device
 * @param size the length in bytes
 */
public record FileStatus(long dev, long ino, FileType type, FileMode permissions, long nlink, long uid,
        long gid, long rdev, long size) {

    /** Returns whether both statuses are of the same file: device and inode agree. */
    public boolean isSameFileAs(FileStatus other) {
        return dev == other.dev && ino == other.ino;
    }

    /** Returns the major number of the device that contains the file, see makedev(3). */
    public long deviceMajor() {
        return ((dev >>> 8) & 0xfff) | ((dev >>> 32) & 0xffff_f000L);
    }

    /** Returns the minor number of the device that contains the file. */
    public long deviceMinor() {
        return (dev & 0xff) | ((dev >>> 12) & 0xffff_ff00L);
    }

    /** Returns whether the file is a regular file. */
    public boolean isRegularFile() {
        return type == FileType.REGULAR;
    }

    /** Returns whether the file is a Unix socket. */
    public boolean isSocket() {
        return type == FileType.SOCKET;
    }

    /** Returns whether the file is a directory. */
    public boolean isDirectory() {
        return type == FileType.DIRECTORY;
    }

    /** Returns whether the file is a character device, as terminals and {@code /dev/null} are. */
    public boolean isCharacterDevice() {
        return type == FileType.CHARACTER_DEVICE;
    }
}
