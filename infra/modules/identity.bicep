// The one identity of the app: towards Graph, the snapshot account, the host's account and Application Insights. User-assigned, so
// that its rights exist before the app does and outlive a redeployment.
param name string
param location string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
}

output id string = identity.id
output clientId string = identity.properties.clientId
output principalId string = identity.properties.principalId
