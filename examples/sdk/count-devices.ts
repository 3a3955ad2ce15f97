import { BaseMain } from '@sonde/client/node'

/** `node count-devices.ts --user admin --org home`; asks for the password. */
class CountDevices extends BaseMain {
  override addExtraArgs() {
    return { org: { type: 'string' } } as const
  }

  override getDomain() {
    return process.env.SONDE_URL ?? 'http://localhost:8080'
  }

  override async afterLogin() {
    const { count } = await this.api.device.get({ org__slug: String(this.args.org) })
    console.log(`${count} devices`)
  }
}

await new CountDevices().main()
