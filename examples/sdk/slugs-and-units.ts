import { DeviceSlug, MdoHelper, ProjectSlug, StreamSlug } from '@sonde/client'

const device = new DeviceSlug('d--00d2')
console.log(String(device), device.getId())
console.log(String(StreamSlug.fromParts(new ProjectSlug(0x77), device, 0x5001)))

const litres = new MdoHelper(378541, 100000)
console.log(litres.compute(100), litres.computeReverse(378.541))
