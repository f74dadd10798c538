package io.github.daemonsteps.posix;

/**
 * A file's status, see stat(3type).
 *
 * @param dev the device it is on
 * @param ino its inode number there
 * @param type its type
 * @param permissions its permission bits
 * @param nlink how many hard links it has
 * @param uid its owner
 * @param gid its group
 * @param rdev the device it is, if it is one
 * @param size its length in bytes
 */
public record FileStatus(long dev, long ino, FileType type, FileMode permissions, long nlink, long uid,
        long gid, long rdev, long size) {

    /** Whether both are the same file: device and inode agree. */
    public boolean isSameFileAs(FileStatus other) {
        return dev == other.dev && ino == other.ino;
    }

    /** The major number of the device that it is on, see makedev(3). */
    public long deviceMajor() {
        return ((dev >>> 8) & 0xfff) | ((dev >>> 32) & 0xffff_f000L);
    }

    /** The minor number of the device that it is on. */
    public long deviceMinor() {
        return (dev & 0xff) | ((dev >>> 12) & 0xffff_ff00L);
    }

    /** Whether it is a regular file. */
    public boolean isRegularFile() {
        return type == FileType.REGULAR;
    }

    /** Whether it is a directory. */
    public boolean isDirectory() {
        return type == FileType.DIRECTORY;
    }

    /** Whether it is a character device, as terminals and {@code /dev/null} are. */
    public boolean isCharacterDevice() {
        return type == FileType.CHARACTER_DEVICE;
    }
}
