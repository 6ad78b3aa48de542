package trust

import (
	"errors"
	"fmt"
	"slices"

	"github.com/theupdateframework/go-tuf/v2/metadata"
	"github.com/theupdateframework/go-tuf/v2/metadata/trustedmetadata"
)

// older returns an error if an update is older than what is kept: its timestamp, its
// snapshot, or a role that the snapshot lists (TUF specification, sections 5.4.3,
// 5.5.5). What is kept counts as far as the newest root's keys signed it, whether or
// not it has expired: keys that were replaced recover from one that signed too high a
// version. Of what is damaged, the name tells the version.
func (k *kept) older(used map[string][]byte, set trustedmetadata.TrustedMetadata) error {
	if err := k.rootSeen(set); err != nil {
		return err
	}
	held := trustedmetadata.TrustedMetadata{ // at no time: nothing expires
		Root: set.Root, Targets: map[string]*metadata.Metadata[metadata.TargetsType]{},
	}
	data, err := k.file(nameOf(k.newest(timestampFile, false), timestampFile))
	if err == nil {
		if _, err = held.UpdateTimestamp(data); err != nil && !signs(set.Root, data) {
			return nil
		}
	}
	if err != nil {
		return k.seen(set, timestampFile, snapshotFile, targetsFile)
	}
	version := set.Timestamp.Signed.Version
	if _, err = held.UpdateTimestamp(used[nameOf(version, timestampFile)]); err != nil && !errors.Is(err, &metadata.ErrEqualVersionNumber{}) {
		return err
	}
	if data, err = k.file(nameOf(k.newest(snapshotFile, false), snapshotFile)); err == nil {
		_, _ = held.UpdateSnapshot(data, true) // it is taken though its version is not the timestamp's
	}
	if held.Snapshot == nil {
		return k.seen(set, snapshotFile, targetsFile)
	}
	_, err = held.UpdateSnapshot(used[nameOf(set.Snapshot.Signed.Version, snapshotFile)], false)
	return err
}

// signs reports whether a key of the root's timestamp role is named by the
// signatures of data: if none is, the keys are others since.
func signs(root *metadata.Metadata[metadata.RootType], data []byte) bool {
	m, err := metadata.Timestamp().FromBytes(data)
	if err != nil {
		return true
	}
	role := root.Signed.Roles[metadata.TIMESTAMP]
	return role != nil && slices.ContainsFunc(m.Signatures, func(s metadata.Signature) bool { return slices.Contains(role.KeyIDs, s.KeyID) })
}

// rootSeen returns an error if the root is older than one that was seen: its keys may
// have been revoked since.
func (k *kept) rootSeen(set trustedmetadata.TrustedMetadata) error { return k.seen(set, rootFile) }

// seen returns an error if the version of a role is lower than one that was seen.
func (k *kept) seen(set trustedmetadata.TrustedMetadata, roles ...string) error {
	versions := map[string]int64{
		rootFile: set.Root.Signed.Version, timestampFile: set.Timestamp.Signed.Version,
		snapshotFile: set.Snapshot.Signed.Version, targetsFile: set.Targets[metadata.TARGETS].Signed.Version,
	}
	for _, role := range roles {
		if seen := k.newest(role, true); versions[role] < seen {
			return &metadata.ErrBadVersionNumber{Msg: fmt.Sprintf(
				"version %d of %s, and %d was seen; what is kept of that in %q is damaged or missing "+
					"(plimsoll cache clear --trust forgets what was seen)",
				versions[role], role, seen, k.folder)}
		}
	}
	return nil
}
