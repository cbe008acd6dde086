/*
 * SHA-256 of the archives of pack's releases: version → system and architecture. They are
 * those that buildpacks/homebrew-tap pins (Formula/pack.rb), a commit for each release.
 * Newest first. 0.40.4 is the oldest that is used.
 */
export const PACK_RELEASES: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  [
    '0.40.8',
    new Map([
      ['darwin-amd64', '7a9a8f8db447cbcd8980d9f02579b28267d9d6c6a8e0155283c9e3750ee26338'],
      ['darwin-arm64', 'b5aa7cf5541bf422595cae5720b2cd6c5690829f52f5cb5f089daa48644e399d'],
      ['linux-amd64', '3b8cfd4287ea6c648ccff9c17cbfa61ae615839071a5de804f3b84316ed99a93'],
      ['linux-arm64', '51b1b8ba93f3cff0e25fdc4c099daddd962ea2c691ccd13bd607f0a452c42039'],
    ]),
  ],
  [
    '0.40.7',
    new Map([
      ['darwin-amd64', '7499c7a2cadcb7cbf7be8f47591f63787a1ab877fdf65741c40cf3aa38ffd38c'],
      ['darwin-arm64', '2fb35f91868e05ed6abc2c139a11b6e3f760dba5350a27095c35077fd0b7c4c5'],
      ['linux-amd64', '0e458f37e177b6764f3ddcec542bd77bf18cd6f64f00525e0a4589bd7895d747'],
      ['linux-arm64', 'ddc68d1e65c5389022d88e32963a4b0a3c6301e45648007ac258ec2b6f5687a9'],
    ]),
  ],
  [
    '0.40.6',
    new Map([
      ['darwin-amd64', '014c8d8fa6abeeee728594d9daff538de224c1fe5639b5057a67b7ab4844f0fe'],
      ['darwin-arm64', '9096fed1908f29579a87c05f4515332adeb11a77101afab8e836597fdb0ab1aa'],
      ['linux-amd64', '49fb874f7a930653834e67c16917369f9438080440194a6418421b1711421028'],
      ['linux-arm64', '6ccff07f190a0ac5edec9cd3c1bc0a7192a9b5138147544adcdf2491efab0946'],
    ]),
  ],
  [
    '0.40.5',
    new Map([
      ['darwin-amd64', 'a35c6b5383b3687318df76eab085f3e726775eb9b82fef180bc3baba5ad20c12'],
      ['darwin-arm64', '9ae06d5311b9b9c80af75cee29c356c2cd10bb124aa9fb52722932954584baa4'],
      ['linux-amd64', 'ae049ed2484a16633ef884f058c306e0fa3ee3500dc69400ab9045ee29b1bc57'],
      ['linux-arm64', 'ddf16a7e4cf1ff6f5e03509a06d511d49da45d3abf0ba1ea135a9c23a8dbc032'],
    ]),
  ],
  [
    '0.40.4',
    new Map([
      ['darwin-amd64', '69efc4f95aae75677632cb2e5f1c90881e2ba69a559a71d3e69732bbc0d78b33'],
      ['darwin-arm64', '9e5d15badb8d7f928fd237e8e0423eea23a1dfb3bbbf40a3e05c9588e243848c'],
      ['linux-amd64', '6e7e4c8100f13e0c8b125fe3d4233f38a80be4d7626279f4d62b6b19642f98a6'],
      ['linux-arm64', '4395177f244b9da9b97958e731787b0df6c60d56fa6b3a10cb70a49319187130'],
    ]),
  ],
]);
