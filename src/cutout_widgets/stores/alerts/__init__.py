"""Alert packets: LSST, ZTF and their relatives."""
