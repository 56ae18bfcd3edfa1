/**
 * The inheritance of fault types, after the published vim25 types: those that power operations, reconfiguration, login,
 * lookup and file operations can throw. An unknown fault is treated as its base type.
 */

/** Base type to the types that derive from it. */
const derived: Readonly<Record<string, string>> = {
  HostCommunication: "HostNotConnected HostNotReachable",
  InvalidArgument:
    "IncompatibleSetting InvalidDasConfigArgument InvalidDasRestartPriorityForFtVm InvalidDrsBehaviorForFtVm " +
    "InvalidIndexArgument",
  InvalidRequest: "InvalidType MethodNotFound",
  NotEnoughLicenses:
    "ExpiredFeatureLicense FailToEnableSPBM HostInventoryFull InUseFeatureManipulationDisallowed " +
    "IncorrectHostInformation InvalidEditionLicense InventoryHasStandardAloneHosts LicenseDowngradeDisallowed " +
    "LicenseExpired LicenseKeyEntityMismatch LicenseRestricted LicenseSourceUnavailable NoLicenseServerConfigured " +
    "VmLimitLicense VramLimitLicense",
  ExpiredFeatureLicense: "ExpiredAddonLicense ExpiredEditionLicense",
  NotSupported: "HostAccessRestrictedToManagementServer",
  SecurityError: "NoPermission RestrictedVersion SolutionUserRequired",
  NoPermission: "NotAuthenticated",
  InvalidLogin: "InvalidClientCertificate PasswordExpired",
  InvalidState:
    "CannotPowerOffVmInCluster EncryptionKeyRequired InvalidDatastoreState InvalidHostState InvalidPowerState " +
    "InvalidVmState MksConnectionLimitReached NoActiveHostInCluster OvfConsumerPowerOnFault QuestionPending " +
    "VmPowerOnDisabled",
  InvalidHostState: "InvalidHostConnectionState",
  TaskInProgress: "VAppTaskInProgress",
  Timedout: "PowerOnFtSecondaryTimedout",
  ResourceInUse: "FilterInUse QuiesceDatastoreIOForHAFailed",
  InsufficientResourcesFault:
    "InsufficientAgentVmsDeployed InsufficientCpuResourcesFault InsufficientFailoverResourcesFault " +
    "InsufficientGraphicsResourcesFault InsufficientHostCapacityFault InsufficientMemoryResourcesFault " +
    "InsufficientNetworkCapacity InsufficientNetworkResourcePoolCapacity InsufficientStandbyResource " +
    "InsufficientStorageSpace InsufficientVFlashResourcesFault InvalidResourcePoolStructureFault " +
    "NumVirtualCpusExceedsLimit VmFaultToleranceTooManyFtVcpusOnHost VmFaultToleranceTooManyVMsOnHost " +
    "VmSmpFaultToleranceTooManyVMsOnHost",
  InsufficientHostCapacityFault:
    "InsufficientHostCpuCapacityFault InsufficientHostMemoryCapacityFault InsufficientPerCpuCapacity",
  InsufficientStandbyResource: "InsufficientStandbyCpuResource InsufficientStandbyMemoryResource",
  InvalidDatastore: "DatastoreNotWritableOnHost InaccessibleDatastore InvalidDatastorePath",
  DatastoreNotWritableOnHost: "SwapDatastoreNotWritableOnHost",
  InaccessibleDatastore: "InaccessibleFTMetadataDatastore",
  FileFault:
    "CannotAccessFile CannotCreateFile CannotDeleteFile DirectoryNotEmpty FileAlreadyExists FileLocked " +
    "FileNameTooLong FileNotFound FileNotWritable FileTooLarge IncorrectFileType NetworkCopyFault NoDiskSpace " +
    "NotADirectory NotAFile TooManyConcurrentNativeClones TooManyNativeCloneLevels TooManyNativeClonesOnFile",
  VmConfigFault:
    "CannotAccessVmComponent CannotDisableSnapshot CannotUseNetwork CpuHotPlugNotSupported " +
    "DeltaDiskFormatNotSupported EightHostLimitViolated FaultToleranceCannotEditMem GenericVmConfigFault " +
    "InvalidFormat InvalidVmConfig LargeRDMNotSupportedOnDatastore MemoryHotPlugNotSupported " +
    "NoCompatibleHardAffinityHost NoCompatibleSoftAffinityHost NumVirtualCpusIncompatible OvfConsumerValidationFault " +
    "QuarantineModeFault RDMNotSupportedOnDatastore RuleViolation SoftRuleVioCorrectionDisallowed " +
    "SoftRuleVioCorrectionImpact UnsupportedDatastore UnsupportedVmxLocation VAppNotRunning VAppPropertyFault " +
    "VFlashCacheHotConfigNotSupported VFlashModuleNotSupported VirtualHardwareCompatibilityIssue " +
    "VmConfigIncompatibleForFaultTolerance VmConfigIncompatibleForRecordReplay VmHostAffinityRuleViolation",
  CannotAccessVmComponent: "CannotAccessVmConfig CannotAccessVmDevice",
  CannotAccessVmDevice: "CannotAccessNetwork CannotAccessVmDisk",
  CannotAccessNetwork: "DestinationSwitchFull LegacyNetworkInterfaceInUse VMOnConflictDVPort VMOnVirtualIntranet",
  CannotAccessVmDisk: "RDMPointsToInaccessibleDisk",
  InvalidFormat: "InvalidDiskFormat InvalidSnapshotFormat",
  InvalidVmConfig: "InvalidDeviceSpec SwapPlacementOverrideNotSupported TooManyDevices UnsupportedGuest VmWwnConflict",
  InvalidDeviceSpec:
    "DeviceHotPlugNotSupported DeviceNotFound DeviceUnsupportedForVmPlatform DeviceUnsupportedForVmVersion " +
    "DisallowedDiskModeChange InvalidController InvalidDeviceBacking InvalidDeviceOperation MissingController",
  UnsupportedDatastore: "MemoryFileFormatNotSupportedByDatastore UnSupportedDatastoreForVFlash",
  VAppPropertyFault:
    "InvalidNetworkInType InvalidPropertyType InvalidPropertyValue MissingIpPool MissingNetworkIpConfig NoAvailableIp " +
    "NoVcManagedIpConfigured NotUserConfigurableProperty",
  InvalidPropertyValue: "UnconfiguredPropertyValue",
  VirtualHardwareCompatibilityIssue:
    "CpuIncompatible DeviceNotSupported DiskNotSupported DrsVmotionIncompatibleFault FeatureRequirementsNotMet " +
    "MemorySizeNotRecommended MemorySizeNotSupported MemorySizeNotSupportedByDatastore NotEnoughCpus " +
    "NumVirtualCoresPerSocketNotSupported NumVirtualCpusNotSupported StorageVmotionIncompatible " +
    "VirtualHardwareVersionNotSupported WakeOnLanNotSupported",
  CpuIncompatible: "CpuCompatibilityUnknown CpuIncompatible1ECX CpuIncompatible81EDX FaultToleranceCpuIncompatible",
  DeviceNotSupported:
    "DeviceBackingNotSupported DeviceControllerNotSupported DigestNotSupported FileBackedPortNotSupported " +
    "MultiWriterNotSupported NonPersistentDisksNotSupported RDMNotSupported RawDiskNotSupported " +
    "RemoteDeviceNotSupported SharedBusControllerNotSupported VMINotSupported VirtualDiskModeNotSupported " +
    "VirtualEthernetCardNotSupported",
  DeviceBackingNotSupported:
    "DVPortNotSupported UnusedVirtualDiskBlocksNotScrubbed VirtualDiskBlocksNotFullyProvisioned",
  RDMNotSupported: "PhysCompatRDMNotSupported",
  DiskNotSupported: "IDEDiskNotSupported",
  NotEnoughCpus: "NotEnoughLogicalCpus",
};

const bases: ReadonlyMap<string, string> = new Map(
  Object.entries(derived).flatMap(([base, names]) => names.split(" ").map((name) => [name, base] as const)),
);

/** The fault's type, its base type, and so on; a type that is not in the table stands alone. */
export function lineage(fault: string): readonly string[] {
  const base = bases.get(fault);
  return base === undefined ? [fault] : [fault, ...lineage(base)];
}

/** The table's entry for the fault, or for its nearest base type. */
export function byBaseType<T>(table: Readonly<Record<string, T>>, fault: string): T | undefined {
  const known = lineage(fault).find((type) => Object.hasOwn(table, type));
  return known === undefined ? undefined : table[known];
}
