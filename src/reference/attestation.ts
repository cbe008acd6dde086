/** What a configuration file may say of an attestation; the type is the key that it stands under. */
export const ATTESTATION_ATTRIBUTES: Readonly<Record<'provenance' | 'sbom', readonly string[]>> = {
  provenance: ['builder-id', 'disabled', 'inline-only', 'mode', 'reproducible', 'version'],
  sbom: ['disabled', 'generator'],
};
